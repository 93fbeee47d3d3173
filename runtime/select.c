/* Choosing variants: see select.h. */
#include "select.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct feature {
    const char *name;
    uint64_t mask;
} feature;

#define TABLE_ENTRY(id, name, ...) {name, EXO_MASK(id)},
static const feature features[] = {EXO_FEATURES(TABLE_ENTRY){NULL, 0}};

_Static_assert((int)EXO_FEATURE_COUNT <= (int)EXO_FEATURE_LAST + 1,
               "a mask has room for the features and the unknown one");

/* A word of a text, not terminated. */
typedef struct word {
    const char *begin;
    size_t length;
} word;

/* The next word from `*text` on, which moves behind it; an empty one at the end. */
static word next_word(const char **text)
{
    const char *p = *text;
    p += strspn(p, " ,;\t");
    const word found = {p, strcspn(p, " ,;\t")};
    *text = p + found.length;
    return found;
}

static bool same_text(word a, const char *b)
{
    return strlen(b) == a.length && memcmp(a.begin, b, a.length) == 0;
}

/* Does `name` begin with the word, where `_`, `-`, `.` and case do not matter? `whole`: is it the word? */
static bool same_feature(word a, const char *name, bool whole)
{
    for (size_t i = 0; i < a.length; ++i) {
        if (strchr("_-.", a.begin[i]))
            continue;
        name += strspn(name, "_-.");
        if (tolower((unsigned char)a.begin[i]) != *name)
            return false;
        ++name;
    }
    return !whole || *name == '\0';
}

static uint64_t features_like(word a, bool whole)
{
    uint64_t mask = 0;
    for (const feature *f = features; f->name; ++f)
        if (same_feature(a, f->name, whole))
            mask |= f->mask;
    return mask;
}

uint64_t exo_features_named(const char *names)
{
    uint64_t mask = 0;
    for (word w; names && (w = next_word(&names)).length > 0;) {
        /* The one feature with two usual names. */
        const uint64_t found = features_like(same_text(w, "bmi1") ? (word){"bmi", 3} : w, true);
        mask |= found ? found : EXO_UNKNOWN_FEATURE;
    }
    return mask;
}

uint64_t exo_features_disabled(const char *words)
{
    uint64_t mask = 0;
    for (word w; words && (w = next_word(&words)).length > 0;) {
        const uint64_t exact = features_like(w, true);
        mask |= exact ? exact : features_like(w, false);
    }
    return mask;
}

uint64_t exo_needs(const exo_variant *variant)
{
    return exo_features_named(variant->features) | *variant->compiled;
}

bool exo_is_called(const exo_variant *variant, const char *name)
{
    return strcmp(variant->name, name) == 0 || strcmp(variant->target, name) == 0;
}

static bool is_disabled(const exo_variant *variant, const char *words)
{
    for (word w; words && (w = next_word(&words)).length > 0;)
        if (same_text(w, variant->name) || same_text(w, variant->target))
            return true;
    return false;
}

static bool may_run(const exo_variant *variant, const exo_wish *wish)
{
    const uint64_t have = wish->have & ~exo_features_disabled(wish->disabled);
    return (exo_needs(variant) & ~have) == 0 && !is_disabled(variant, wish->disabled);
}

exo_choice exo_select(const exo_variant *variants, size_t count, const exo_wish *wish)
{
    uint64_t usable = 0, wanted = 0;
    const bool forced = wish->forced && *wish->forced;
    for (size_t i = 0; i < count; ++i) {
        if (!may_run(&variants[i], wish))
            continue;
        usable |= UINT64_C(1) << i;
        if (forced && exo_is_called(&variants[i], wish->forced))
            wanted |= UINT64_C(1) << i;
    }
    if (!forced)
        return (exo_choice){usable, false};
    if (!wanted)
        return (exo_choice){wish->strict ? 0 : usable, true};
    const uint64_t last = UINT64_C(1) << (count - 1);
    return (exo_choice){wish->strict ? wanted : wanted | (usable & last), false};
}

/* Appends to a text of `size` bytes, as far as it fits. */
static void append(char *text, size_t size, const char *more)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s", more);
}

bool exo_why_not(const exo_variant *variant, const exo_wish *wish, char *text, size_t size)
{
    text[0] = '\0';
    if (may_run(variant, wish))
        return false;
    const uint64_t lacking = exo_needs(variant) & ~wish->have;
    if (!lacking) {
        append(text, size, "switched off by EXO_DISABLE");
        return true;
    }
    append(text, size, "this machine lacks");
    for (const feature *f = features; f->name; ++f)
        if (lacking & f->mask) {
            append(text, size, " ");
            append(text, size, f->name);
        }
    if (lacking & EXO_UNKNOWN_FEATURE) {
        append(text, size, " a feature that is not known here");
        for (const char *names = variant->features; names;) {
            const word w = next_word(&names);
            if (w.length == 0)
                break;
            char name[32];
            snprintf(name, sizeof name, "%.*s", (int)(w.length < 31 ? w.length : 31), w.begin);
            if (!(exo_features_named(name) & EXO_UNKNOWN_FEATURE))
                continue;
            append(text, size, ": ");
            append(text, size, name);
            break;
        }
    }
    return true;
}

void exo_wished_target(const char *text, const char *kernel, char *target, size_t size)
{
    target[0] = '\0';
    bool own = false;
    for (word w; text && (w = next_word(&text)).length > 0;) {
        const char *equals = memchr(w.begin, '=', w.length);
        word value = w;
        if (equals) {
            if (!same_text((word){w.begin, (size_t)(equals - w.begin)}, kernel))
                continue;
            value = (word){equals + 1, w.length - (size_t)(equals + 1 - w.begin)};
        } else if (own) {
            continue;
        }
        own = own || equals;
        snprintf(target, size, "%.*s", (int)(value.length < size ? value.length : size - 1), value.begin);
    }
}
