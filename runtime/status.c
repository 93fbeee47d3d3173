/* Statuses in words, and the text of the last failure of each thread. */
#include <stdarg.h>

#include "exo/kernel.h"

static _Thread_local char last_error[512];

const char *exo_last_error(void)
{
    return last_error;
}

exo_status exo_fail(exo_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    return status;
}

const char *exo_status_text(exo_status status)
{
    switch (status) {
    case EXO_OK:
        return "ok";
    case EXO_BAD_SIZE:
        return "a size is negative or too large";
    case EXO_OVERFLOW:
        return "an argument has more bytes than can be counted";
    case EXO_PRECONDITION:
        return "a precondition does not hold";
    case EXO_ALIAS:
        return "an argument that is written overlaps another one";
    case EXO_NULL_POINTER:
        return "an argument is a null pointer";
    case EXO_OUT_OF_MEMORY:
        return "out of memory";
    case EXO_NO_VARIANT:
        return "no variant may run here";
    case EXO_UNKNOWN_TARGET:
        return "no variant has that name";
    }
    return "not a status";
}
