# Run as a script (cmake -DOUT=.. -DNAMESPACE=.. -DFILES=..;.. -P EmbedSql.cmake): writes one C++ source that holds the
# texts of SQL files, so that the program needs none of them at run time.
set(body "// Made from .sql files by cmake/EmbedSql.cmake.\n#include \"base/embedded.h\"\n\nnamespace berth::${NAMESPACE} {\n")
string(APPEND body "namespace {\nconstexpr base::EmbeddedFile kFiles[] = {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  string(APPEND body "    {\"${name}\", R\"BERTHSQL(${text})BERTHSQL\"},\n")
endforeach()
string(APPEND body "};\n}  // namespace\nstd::span<const base::EmbeddedFile> EmbeddedSql() { return kFiles; }\n}  // namespace berth::${NAMESPACE}\n")
file(WRITE "${OUT}" "${body}")
