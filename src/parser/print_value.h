#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/ast.h"
#include "parser/parse.h"

// The small pieces that statements are printed from.
namespace berth::parser {

std::string PrintName(std::string_view name, PrintMode mode);
std::string PrintTable(const TableName& name, PrintMode mode);
// `name`: of the option or setting that the value is for; what is a secret follows from it.
std::string PrintValue(const Value& value, std::string_view name, PrintMode mode);
std::string PrintOption(const Option& option, PrintMode mode);
// A text of the warehouse's: as it is, or redacted.
std::string PrintTail(const std::string& text, PrintMode mode);
// $$text$$, with a tag where the text itself holds dollar signs that would end it.
std::string PrintDollarText(const std::string& text, PrintMode mode);

}  // namespace berth::parser
