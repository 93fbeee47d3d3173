# What developers of this project compile with. Never exported, never set for a consumer.

#[=======================================================================[.md:
    exo_developer_options(<target>...)

Adds the warnings that this project is free of, and the sanitizers of `EXO_SANITIZE`, to targets of our own.
#]=======================================================================]
function(exo_developer_options)
  foreach(target IN LISTS ARGN)
    if(MSVC)
      target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${EXO_WARNINGS_AS_ERRORS}>:/WX>)
      continue()
    endif()
    target_compile_options(${target} PRIVATE
      -Wall -Wextra $<$<COMPILE_LANGUAGE:C>:-Wconversion> $<$<COMPILE_LANGUAGE:C>:-pedantic>
      # GCC guesses wrong about std::optional and std::string where it optimises little.
      $<$<CXX_COMPILER_ID:GNU>:$<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>>
      $<$<BOOL:${EXO_WARNINGS_AS_ERRORS}>:-Werror>)
    if(EXO_SANITIZE)
      target_compile_options(${target} PRIVATE -fsanitize=${EXO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
      target_link_options(${target} PUBLIC -fsanitize=${EXO_SANITIZE})
    endif()
  endforeach()
endfunction()
