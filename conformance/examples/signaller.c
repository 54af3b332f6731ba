/*
 * A signaller in C that speaks the stdio form: a question a line in, an answer a line out.
 *
 *     cc -o signaller signaller.c && signaller-conformance check stdio -- ./signaller
 *
 * No JSON library: a question is one object of three known members, and a page of code reads that. What is no
 * such object ends the program with a message; it must not be taken for a question that was not asked.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_PID INT32_MAX

/* A text with its length, since a name may hold NUL. */
struct text {
    char *bytes;
    size_t length;
};

struct question {
    uint64_t id, leader_pid;
    struct text signal_name;
};

static void give_up(const char *why) {
    fprintf(stderr, "signaller: %s\n", why);
    exit(EXIT_FAILURE);
}

/* ---- Reading a question: each function reads what is at *at and moves it on. ---- */

static void skip_blanks(char **at) {
    *at += strspn(*at, " \t\r\n");
}

static int next_is(char **at, char wanted) {
    skip_blanks(at);
    if (**at != wanted) {
        return 0;
    }
    ++*at;
    return 1;
}

static uint64_t read_number(char **at) {
    skip_blanks(at);
    if (strspn(*at, "0123456789") == 0) {
        give_up("a number is not a whole one");
    }
    /* Too large a number becomes the largest, which is refused like any that is too large. */
    return strtoull(*at, at, 10);
}

/* A UTF-16 unit as UTF-8. Halves of a pair stay halves: no known name has one, so nothing more is needed. */
static char *put_unit(char *to, unsigned unit) {
    if (unit < 0x80) {
        *to++ = (char)unit;
    } else if (unit < 0x800) {
        *to++ = (char)(0xc0 | unit >> 6);
        *to++ = (char)(0x80 | (unit & 0x3f));
    } else {
        *to++ = (char)(0xe0 | unit >> 12);
        *to++ = (char)(0x80 | (unit >> 6 & 0x3f));
        *to++ = (char)(0x80 | (unit & 0x3f));
    }
    return to;
}

/* A string, unescaped in place: an escape is never shorter than what it stands for. */
static struct text read_string(char **at) {
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (!next_is(at, '"')) {
        give_up("a string is missing");
    }
    char *from = *at, *to = *at, *begin = *at;
    while (*from != '"') {
        unsigned unit;
        const char *escape;
        if (*from == '\0') {
            give_up("a string has no end");
        } else if (*from != '\\') {
            *to++ = *from++;
        } else if (from[1] == 'u' && strspn(from + 2, "0123456789abcdefABCDEF") >= 4) {
            sscanf(from + 2, "%4x", &unit);
            to = put_unit(to, unit);
            from += 6;
        } else if (from[1] != '\0' && (escape = strchr(escapes, from[1])) != NULL) {
            *to++ = meanings[escape - escapes];
            from += 2;
        } else {
            give_up("a string has an unknown escape");
        }
    }
    *at = from + 1;
    return (struct text){begin, (size_t)(to - begin)};
}

/* With the length: strcmp() takes "SIGTERM" with a NUL and more behind it for SIGTERM. */
static int equals(struct text text, const char *word) {
    return text.length == strlen(word) && memcmp(text.bytes, word, text.length) == 0;
}

static struct question read_question(char *at) {
    struct question question = {0};
    unsigned seen = 0;
    if (!next_is(&at, '{')) {
        give_up("a line is not an object");
    }
    do {
        struct text key = read_string(&at);
        if (!next_is(&at, ':')) {
            give_up("a member has no value");
        }
        if (equals(key, "id")) {
            question.id = read_number(&at);
            seen |= 1;
        } else if (equals(key, "leader_pid")) {
            question.leader_pid = read_number(&at);
            seen |= 2;
        } else if (equals(key, "signal_name")) {
            question.signal_name = read_string(&at);
            seen |= 4;
        } else {
            give_up("a question has an unknown member");
        }
    } while (next_is(&at, ','));
    if (!next_is(&at, '}') || !next_is(&at, '\0') || seen != 7) {
        give_up("a question is not whole");
    }
    return question;
}

/* ---- Answering it. ---- */

struct known_signal {
    const char *name;
    int number;
};

/* The signal of that name; NULL for a name that is not one of the four. */
static const struct known_signal *find_signal(struct text name) {
    static const struct known_signal four[] = {
        {"SIGTERM", SIGTERM}, {"SIGKILL", SIGKILL}, {"SIGINT", SIGINT}, {"SIGHUP", SIGHUP}};
    for (size_t i = 0; i < sizeof four / sizeof *four; i++) {
        if (equals(name, four[i].name)) {
            return &four[i];
        }
    }
    return NULL;
}

/* The text within a JSON string, everything but plain ASCII as "\x1b": it may be printed on a terminal. */
static void print_printable(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte < ' ' || byte > '~' || byte == '"' || byte == '\\') {
            printf("\\\\x%02x", byte);
        } else {
            putchar(byte);
        }
    }
}

static void answer(struct question question) {
    const struct known_signal *known = find_signal(question.signal_name);
    printf("{\"id\":%" PRIu64 ",", question.id);
    if (known == NULL) {
        /* The name comes first. After kill() a misspelt name would come out as "exited". */
        printf("\"err\":\"unknown signal name '");
        print_printable(question.signal_name);
        printf("'\"}\n");
    } else if (question.leader_pid < 2 || question.leader_pid > LARGEST_PID) {
        /* -0 is this program's own group, -1 is every process, and a cast makes 4294967295 a -1. */
        printf("\"err\":\"no group for %s has the leader pid %" PRIu64 "\"}\n", known->name, question.leader_pid);
    } else if (kill(-(pid_t)question.leader_pid, known->number) == 0) {
        printf("\"ok\":true}\n");
    } else if (errno == ESRCH) {
        /* ESRCH alone means "exited". EPERM is an error: that group lives. */
        printf("\"ok\":false}\n");
    } else {
        printf("\"err\":\"could not send %s to group %" PRIu64 ": %s\"}\n", known->name, question.leader_pid,
               strerror(errno));
    }
    /* At once, or the answer stays in a buffer while whoever asked waits for it. */
    fflush(stdout);
}

int main(void) {
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        answer(read_question(line));
    }
    free(line);
    return EXIT_SUCCESS;
}
