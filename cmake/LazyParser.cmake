# cmake -DFOLDER=f -P LazyParser.cmake: ANTLR's parser unpacks its automaton before main(), also in a program that parses
# nothing; from here on its first instance does.
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
