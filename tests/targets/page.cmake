# The page on conformance against what target.NAME found here. A target that this machine cannot execute keeps the section that
# another one wrote, as long as that speaks of the same instructions.
cmake_minimum_required(VERSION 3.22)
set(head "# Conformance

Which instructions were run beside their specifications (`exo check-target`), and how their results were compared. Made by
`UPDATE_GOLDEN=1 ctest -R '^target|page.conformance'`; `page.conformance` compares it with what the machine at hand finds.
")
if(EXISTS ${PAGE})
  file(READ ${PAGE} page)
endif()

# The section of a target; nothing if the page has none.
function(section_of target variable)
  set(${variable} "" PARENT_SCOPE)
  string(FIND "${page}" "## ${target}\n" at)
  if(at EQUAL -1)
    return()
  endif()
  string(SUBSTRING "${page}" ${at} -1 rest)
  string(SUBSTRING "${rest}" 3 -1 behind)
  string(FIND "${behind}" "\n## " length)
  if(NOT length EQUAL -1)
    math(EXPR length "${length} + 4")
  endif()
  string(SUBSTRING "${rest}" 0 ${length} rest)
  string(STRIP "${rest}" rest)
  set(${variable} "${rest}\n" PARENT_SCOPE)
endfunction()

function(names_of section variable)
  string(REGEX MATCHALL "`[a-z][A-Za-z0-9_]*`" names "${section}")
  list(SORT names)
  set(${variable} "${names}" PARENT_SCOPE)
endfunction()

set(made "${head}")
list(SORT TARGETS)
foreach(target IN LISTS TARGETS)
  set(table ${TABLES}/${target}.md)
  if(NOT EXISTS ${table})
    execute_process(COMMAND ${CMAKE_COMMAND} -DEXO=${EXO} -DTARGET=${target} -DTABLE=${table} -P ${CMAKE_CURRENT_LIST_DIR}/check.cmake
      COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
  endif()
  file(READ ${table} found)
  string(STRIP "${found}" found)
  set(found "${found}\n")
  section_of(${target} known)
  if(found MATCHES "\n0 of [1-9]" AND known)
    names_of("${found}" here)
    names_of("${known}" there)
    if(here STREQUAL there)
      set(found "${known}")
    endif()
  endif()
  string(APPEND made "\n${found}")
endforeach()

if(DEFINED ENV{UPDATE_GOLDEN})
  file(WRITE ${PAGE} "${made}")
elseif(NOT made STREQUAL page)
  file(WRITE ${TABLES}/CONFORMANCE.md "${made}")
  message(FATAL_ERROR "${PAGE} is not what was found: see ${TABLES}/CONFORMANCE.md")
endif()
