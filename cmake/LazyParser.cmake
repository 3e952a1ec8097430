# cmake -DFOLDER=f -P LazyParser.cmake: ANTLR's parser and lexer unpack their automata before main(), also in a program that
# parses nothing; from here on their first instances do.
function(change file from to)
  file(READ ${FOLDER}/${file} text)
  string(FIND "${text}" "${from}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "${file} is not as ANTLR 4.7.2 writes it: '${from}' is missing")
  endif()
  string(REPLACE "${from}" "${to}" text "${text}")
  file(WRITE ${FOLDER}/${file} "${text}")
endfunction()
change(BerthParser.h "static Initializer _init;" "")
change(BerthParser.cpp "BerthParser::Initializer BerthParser::_init;" "")
change(BerthParser.cpp "BerthParser::BerthParser(TokenStream *input) : Parser(input) {"
  "BerthParser::BerthParser(TokenStream *input) : Parser(input) {\n  static const Initializer unpacked;")
change(BerthLexer.h "static Initializer _init;" "")
change(BerthLexer.cpp "BerthLexer::Initializer BerthLexer::_init;" "")
change(BerthLexer.cpp "BerthLexer::BerthLexer(CharStream *input) : Lexer(input) {"
  "BerthLexer::BerthLexer(CharStream *input) : Lexer(input) {\n  static const Initializer unpacked;")
# So does the lexer of ANTLR's paths through trees, which the runtime's Parser brings in and nobody here uses: with these in
# their place it is not linked.
file(APPEND ${FOLDER}/BerthParser.cpp [[

namespace antlr4::tree::xpath {
XPath::XPath(Parser* parser, const std::string& path) : _path(path), _parser(parser) {}
std::vector<std::unique_ptr<XPathElement>> XPath::split(const std::string&) { return {}; }
std::vector<ParseTree*> XPath::evaluate(ParseTree*) { return {}; }
std::unique_ptr<XPathElement> XPath::getXPathElement(Token*, bool) { return nullptr; }
}  // namespace antlr4::tree::xpath
]])
