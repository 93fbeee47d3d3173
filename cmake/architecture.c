/* Compiled, never run: the text in the object names the architecture, as target files do. */
#if defined __x86_64__ || defined _M_X64
const char architecture[] = "EXO_ARCHITECTURE_IS_x86_64_END";
#elif defined __i386__ || defined _M_IX86
const char architecture[] = "EXO_ARCHITECTURE_IS_x86_END";
#elif defined __aarch64__ || defined _M_ARM64
const char architecture[] = "EXO_ARCHITECTURE_IS_aarch64_END";
#elif defined __arm__ || defined _M_ARM
const char architecture[] = "EXO_ARCHITECTURE_IS_arm_END";
#elif defined __riscv && __riscv_xlen == 64
const char architecture[] = "EXO_ARCHITECTURE_IS_riscv64_END";
#elif defined __riscv
const char architecture[] = "EXO_ARCHITECTURE_IS_riscv32_END";
#elif defined __powerpc64__
const char architecture[] = "EXO_ARCHITECTURE_IS_ppc64_END";
#elif defined __s390x__
const char architecture[] = "EXO_ARCHITECTURE_IS_s390x_END";
#elif defined __loongarch64
const char architecture[] = "EXO_ARCHITECTURE_IS_loongarch64_END";
#else
const char architecture[] = "EXO_ARCHITECTURE_IS_unknown_END";
#endif
