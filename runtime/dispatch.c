/* The state of dispatch: which kernels there are, what was wished, and what was chosen. select.h decides; this file asks
   the machine and the environment, and remembers. Everything here is the slow way, under one lock. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cpu.h"
#include "select.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static exo_kernel *kernels; /* sorted by name */
static char set_target[64]; /* from exo_set_target; "": the environment decides */
static uint64_t features;
static bool features_known;

/* A variable of the environment, which a program with raised privileges does not trust. */
static const char *environment(const char *name)
{
#if defined __linux__
    return secure_getenv(name);
#else
    return getenv(name);
#endif
}

static bool switched_on(const char *name)
{
    const char *value = environment(name);
    return value && *value && strcmp(value, "0") != 0;
}

/* What is wished for one kernel; `forced` holds the name that the wish points to. */
static exo_wish wish_for(const char *kernel, char *forced, size_t size)
{
    if (!features_known) {
        features = exo_cpu_features();
        features_known = true;
    }
    if (*set_target)
        snprintf(forced, size, "%s", set_target);
    else
        exo_wished_target(environment("EXO_TARGET"), kernel, forced, size);
    return (exo_wish){features, forced, environment("EXO_DISABLE"), switched_on("EXO_STRICT")};
}

static size_t first_of(uint64_t usable)
{
    size_t i = 0;
    while (!(usable >> i & 1u))
        ++i;
    return i;
}

static void list(exo_kernel *kernel)
{
    if (kernel->listed)
        return;
    exo_kernel **at = &kernels;
    while (*at && strcmp((*at)->name, kernel->name) < 0)
        at = &(*at)->next;
    kernel->next = *at;
    *at = kernel;
    kernel->listed = true;
}

/* What may run. Features that the operating system grants on request are asked for when a variant that needs them would
   run; where it refuses, they are absent from then on. */
static exo_choice choose(const exo_kernel *kernel, exo_wish *wish)
{
    for (;;) {
        const exo_choice choice = exo_select(kernel->variants, kernel->count, wish);
        uint64_t needed = 0;
        for (size_t i = 0; i < kernel->count; ++i)
            if (choice.usable >> i & 1u)
                needed |= exo_needs(&kernel->variants[i]);
        if (exo_cpu_request(needed))
            return choice;
        features &= ~exo_cpu_on_request();
        wish->have = features;
    }
}

/* Says why no variant of the kernel may run. */
static void fail(const exo_kernel *kernel, const exo_wish *wish, const exo_choice *choice)
{
    if (choice->forced_missing) {
        exo_fail(EXO_NO_VARIANT, "%s: `%s` is wanted, but no variant of that name may run here", kernel->name,
                 wish->forced);
        return;
    }
    const exo_variant *last = &kernel->variants[kernel->count - 1];
    char why[160];
    exo_why_not(last, wish, why, sizeof why);
    exo_fail(EXO_NO_VARIANT, "%s: no variant may run here; %s: %s", kernel->name, last->name, why);
}

static void print_choice(const exo_kernel *kernel, const exo_wish *wish, uint64_t usable)
{
    fprintf(stderr, "exo: %s uses %s", kernel->name, kernel->variants[first_of(usable)].name);
    const char *before = " (";
    for (size_t i = 0; i < kernel->count; ++i) {
        char why[160];
        if (exo_why_not(&kernel->variants[i], wish, why, sizeof why)) {
            fprintf(stderr, "%s%s: %s", before, kernel->variants[i].name, why);
            before = "; ";
        } else if (usable >> i & 1u && i != first_of(usable)) {
            fprintf(stderr, "%s%s may run", before, kernel->variants[i].name);
            before = "; ";
        }
    }
    fprintf(stderr, "%s\n", *before == ';' ? ")" : "");
}

/* Decides for a kernel and remembers it. The lock is held. */
static void decide(exo_kernel *kernel)
{
    list(kernel);
    char forced[64];
    exo_wish wish = wish_for(kernel->name, forced, sizeof forced);
    exo_choice choice = choose(kernel, &wish);
    if (kernel->set_variant) /* it was seen to run here when it was named */
        choice = (exo_choice){UINT64_C(1) << (kernel->set_variant - 1), false};
    if (!choice.usable) {
        fail(kernel, &wish, &choice);
        return;
    }
    if (choice.forced_missing)
        fprintf(stderr, "exo: %s: `%s` is wanted, but no variant of that name may run here; using %s\n", kernel->name,
                forced, kernel->variants[first_of(choice.usable)].name);
    if (switched_on("EXO_VERBOSE"))
        print_choice(kernel, &wish, choice.usable);
    __atomic_store_n(&kernel->usable, choice.usable, __ATOMIC_RELAXED);
    __atomic_store_n(&kernel->chosen, kernel->variants[first_of(choice.usable)].run, __ATOMIC_RELAXED);
}

/* What is in use now, decided first where it was not yet; 0: nothing may run. The lock is held. */
static uint64_t usable_now(exo_kernel *kernel)
{
    if (!__atomic_load_n(&kernel->usable, __ATOMIC_RELAXED))
        decide(kernel);
    return __atomic_load_n(&kernel->usable, __ATOMIC_RELAXED);
}

uint64_t exo_resolve_usable(exo_kernel *kernel)
{
    pthread_mutex_lock(&lock);
    const uint64_t usable = usable_now(kernel);
    pthread_mutex_unlock(&lock);
    return usable;
}

exo_function exo_resolve(exo_kernel *kernel)
{
    const uint64_t usable = exo_resolve_usable(kernel);
    return usable ? kernel->variants[first_of(usable)].run : NULL;
}

void exo_register_kernel(exo_kernel *kernel)
{
    pthread_mutex_lock(&lock);
    list(kernel);
    pthread_mutex_unlock(&lock);
}

void exo_unregister_kernel(exo_kernel *kernel)
{
    pthread_mutex_lock(&lock);
    for (exo_kernel **at = &kernels; *at; at = &(*at)->next)
        if (*at == kernel) {
            *at = kernel->next;
            kernel->listed = false;
            break;
        }
    pthread_mutex_unlock(&lock);
}

/* May a variant of that name run, in any kernel? The lock is held. */
static exo_status status_of_target(const char *name)
{
    exo_status status = EXO_UNKNOWN_TARGET;
    for (const exo_kernel *kernel = kernels; kernel; kernel = kernel->next)
        for (size_t i = 0; i < kernel->count; ++i) {
            if (!exo_is_called(&kernel->variants[i], name))
                continue;
            char forced[64], why[160];
            const exo_wish wish = wish_for(kernel->name, forced, sizeof forced);
            if (!exo_why_not(&kernel->variants[i], &wish, why, sizeof why))
                return EXO_OK;
            status = exo_fail(EXO_NO_VARIANT, "`%s` may not run here: %s", name, why);
        }
    if (status == EXO_UNKNOWN_TARGET)
        exo_fail(status, "no kernel has a variant or a target called `%s`", name);
    return status;
}

exo_status exo_set_target(const char *name)
{
    pthread_mutex_lock(&lock);
    const exo_status status = name ? status_of_target(name) : EXO_OK;
    if (status == EXO_OK) {
        snprintf(set_target, sizeof set_target, "%s", name ? name : "");
        for (exo_kernel *kernel = kernels; kernel; kernel = kernel->next) {
            __atomic_store_n(&kernel->usable, UINT64_C(0), __ATOMIC_RELAXED);
            __atomic_store_n(&kernel->chosen, (exo_function)0, __ATOMIC_RELAXED);
        }
    }
    pthread_mutex_unlock(&lock);
    return status;
}

/* May that variant run, with what the operating system grants on request? The lock is held. */
static bool grants(const exo_variant *variant, exo_wish *wish, char *why, size_t size)
{
    if (!exo_why_not(variant, wish, why, size) && exo_cpu_request(exo_needs(variant)))
        return true;
    if (!*why) {
        features &= ~exo_cpu_on_request();
        wish->have = features;
        exo_why_not(variant, wish, why, size);
    }
    return false;
}

static exo_status name_variant(exo_kernel *kernel, const char *name)
{
    size_t found = 0;
    while (found < kernel->count && strcmp(kernel->variants[found].name, name) != 0)
        ++found;
    if (found == kernel->count)
        return exo_fail(EXO_UNKNOWN_TARGET, "%s has no variant `%s` here", kernel->name, name);
    char forced[64], why[160];
    exo_wish wish = wish_for(kernel->name, forced, sizeof forced);
    if (!grants(&kernel->variants[found], &wish, why, sizeof why))
        return exo_fail(EXO_NO_VARIANT, "%s, variant %s, may not run here: %s", kernel->name, name, why);
    kernel->set_variant = found + 1;
    return EXO_OK;
}

exo_status exo_set_variant(const char *name, const char *variant)
{
    pthread_mutex_lock(&lock);
    exo_kernel *kernel = kernels;
    while (kernel && strcmp(kernel->name, name) != 0)
        kernel = kernel->next;
    exo_status status = EXO_OK;
    if (!kernel)
        status = exo_fail(EXO_UNKNOWN_TARGET, "there is no kernel `%s`", name);
    else if (variant)
        status = name_variant(kernel, variant);
    else
        kernel->set_variant = 0;
    if (status == EXO_OK) {
        __atomic_store_n(&kernel->usable, UINT64_C(0), __ATOMIC_RELAXED);
        __atomic_store_n(&kernel->chosen, (exo_function)0, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

/* The kernel at a position of the list; NULL past its end. The lock is held. */
static exo_kernel *kernel_at(size_t index)
{
    exo_kernel *kernel = kernels;
    while (kernel && index-- > 0)
        kernel = kernel->next;
    return kernel;
}

size_t exo_kernel_count(void)
{
    size_t count = 0;
    pthread_mutex_lock(&lock);
    for (const exo_kernel *kernel = kernels; kernel; kernel = kernel->next)
        ++count;
    pthread_mutex_unlock(&lock);
    return count;
}

/* The variant in use, NULL where none may run. The lock is held. */
static const char *name_in_use(exo_kernel *kernel)
{
    const uint64_t usable = usable_now(kernel);
    return usable ? kernel->variants[first_of(usable)].name : NULL;
}

bool exo_kernel_at(size_t index, exo_kernel_info *info)
{
    pthread_mutex_lock(&lock);
    exo_kernel *kernel = kernel_at(index);
    if (kernel)
        *info = (exo_kernel_info){kernel->name, kernel->count, name_in_use(kernel)};
    pthread_mutex_unlock(&lock);
    return kernel != NULL;
}

bool exo_variant_at(size_t index, size_t variant, exo_variant_info *info)
{
    pthread_mutex_lock(&lock);
    const exo_kernel *kernel = kernel_at(index);
    const bool found = kernel && variant < kernel->count;
    if (found) {
        const exo_variant *v = &kernel->variants[variant];
        char forced[64];
        const exo_wish wish = wish_for(kernel->name, forced, sizeof forced);
        *info = (exo_variant_info){v->name, v->target, false, ""};
        info->runs_here = !exo_why_not(v, &wish, info->why_not, sizeof info->why_not);
    }
    pthread_mutex_unlock(&lock);
    return found;
}

const char *exo_variant_in_use(const char *name)
{
    pthread_mutex_lock(&lock);
    exo_kernel *kernel = kernels;
    while (kernel && strcmp(kernel->name, name) != 0)
        kernel = kernel->next;
    const char *found = NULL;
    if (kernel)
        found = name_in_use(kernel);
    else
        exo_fail(EXO_UNKNOWN_TARGET, "there is no kernel `%s`", name);
    pthread_mutex_unlock(&lock);
    return found;
}

void exo_list_kernels(FILE *out)
{
    exo_kernel_info kernel;
    for (size_t k = 0; exo_kernel_at(k, &kernel); ++k) {
        fprintf(out, "%s\n", kernel.name);
        exo_variant_info variant;
        for (size_t v = 0; exo_variant_at(k, v, &variant); ++v) {
            const bool in_use = kernel.in_use && strcmp(kernel.in_use, variant.name) == 0;
            fprintf(out, "  %-12s %s%s\n", variant.name,
                    in_use ? "in use" : (variant.runs_here ? "runs here" : "does not run here: "), variant.why_not);
        }
    }
}
