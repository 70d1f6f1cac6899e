// The floor: threads that each put what they are told over one kept-alive connection with libcurl, and do nothing else.
// Signatures and digests were made before, and stand in the plan: a line "URL TAB NUMBER TAB HEADER TAB HEADER…" for
// each object. NUMBER is written over the first eight bytes of the block, so that objects are the same as ours.
//   loop PLAN BLOCK THREADS
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct body { const char *head, *rest; size_t count, sent; };
static char **lines;
static char *block;
static size_t line_count, block_count;
static size_t next_line;
static int failures;

static size_t feed(char *out, size_t size, size_t many, void *context) {
    struct body *body = context;
    size_t room = size * many, given = 0;
    while (given < room && body->sent < body->count) {
        size_t in_head = body->count < 8 ? body->count : 8, step;
        const char *from;
        if (body->sent < in_head) { from = body->head + body->sent; step = in_head - body->sent; }
        else { from = body->rest + body->sent; step = body->count - body->sent; }
        if (step > room - given) step = room - given;
        memcpy(out + given, from, step);
        given += step; body->sent += step;
    }
    return given;
}
static size_t ignore(char *bytes, size_t size, size_t many, void *context) { (void)bytes; (void)context; return size * many; }

static void *work(void *context) {
    (void)context;
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)block_count);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, block_count > (1 << 20) ? 1L << 19 : 1L << 16);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, feed);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    size_t index;
    while ((index = __atomic_fetch_add(&next_line, 1, __ATOMIC_RELAXED)) < line_count) {
        char *rest = lines[index], *url = strsep(&rest, "\t"), *number = strsep(&rest, "\t"), *header;
        unsigned long long value = strtoull(number, NULL, 10);
        char head[8];
        for (int place = 0; place < 8; place++) head[place] = (char)(value >> (place * 8));
        struct body body = { head, block, block_count, 0 };
        struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
        while ((header = strsep(&rest, "\t"))) headers = curl_slist_append(headers, header);
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_READDATA, &body);
        long status = 0;
        CURLcode code = curl_easy_perform(easy);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (code != CURLE_OK || status != 200) __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED);
        curl_slist_free_all(headers);
    }
    curl_easy_cleanup(easy);
    return NULL;
}

static char *whole(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) { perror(path); exit(1); }
    fseek(file, 0, SEEK_END); *count = (size_t)ftell(file); rewind(file);
    char *bytes = malloc(*count + 1);
    if (fread(bytes, 1, *count, file) != *count) exit(1);
    bytes[*count] = 0;
    fclose(file);
    return bytes;
}
static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

int main(int count, char **arguments) {
    if (count != 4) return 64;
    size_t plan_count;
    char *plan = whole(arguments[1], &plan_count), *line;
    block = whole(arguments[2], &block_count);
    int threads = atoi(arguments[3]);
    for (size_t i = 0; i < plan_count; i++) line_count += plan[i] == '\n';
    lines = calloc(line_count, sizeof *lines);
    for (size_t i = 0; i < line_count && (line = strsep(&plan, "\n")); i++) lines[i] = line;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_t *running = calloc((size_t)threads, sizeof *running);
    double start = now(), before = cpu();
    for (int i = 0; i < threads; i++) pthread_create(&running[i], NULL, work, NULL);
    for (int i = 0; i < threads; i++) pthread_join(running[i], NULL);
    printf("{\"seconds\":%.6f,\"cpu\":%.6f,\"failures\":%d}\n", now() - start, cpu() - before, failures);
    return failures != 0;
}
