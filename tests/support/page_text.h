#pragma once

#include <string>

#include <doctest/doctest.h>

#include "base/file_range.h"

namespace berth::test {

// The records of a page that was read, wherever they are.
template <class Page>
std::string PageText(const Page& page) {
  if (!page.file) return page.records;
  const auto begin = base::Read(*page.file);
  REQUIRE(begin);
  return *begin + page.records;
}

}  // namespace berth::test
