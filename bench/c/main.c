#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static const struct {
    const char *name;
    role_fn *run;
} roles[] = {
    {"throughput-recv", throughput_recv}, {"throughput-send", throughput_send},
    {"throughput-inproc", throughput_inproc}, {"latency-rep", latency_rep},
    {"latency-req", latency_req}, {"latency-inproc", latency_inproc},
    {"fanout-pub", fanout_pub},
};

int64_t now_ns (void)
{
    struct timespec t;
    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

long warm_up (const job_t *job)
{
    return job->n / 10 + 1;
}

void check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "%s: %s\n", what, zmq_strerror (zmq_errno ()));
    exit (1);
}

void *open_socket (void *context, int type)
{
    void *s = zmq_socket (context, type);
    check (s != NULL, "socket");
    return s;
}

void say_ready (void *socket)
{
    char endpoint[256];
    size_t len = sizeof endpoint;
    check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &len) == 0, "last endpoint");
    printf ("READY %s\n", endpoint);
    fflush (stdout);
}

void say_rate (long n, int64_t ns)
{
    printf ("RESULT n=%ld ns=%lld p50=0 p99=0\n", n, (long long) ns);
    fflush (stdout);
}

static int by_size (const void *a, const void *b)
{
    const int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return (x > y) - (x < y);
}

void say_latency (int64_t *samples, long n, int64_t ns)
{
    qsort (samples, n, sizeof *samples, by_size);
    printf ("RESULT n=%ld ns=%lld p50=%lld p99=%lld\n", n, (long long) ns,
            (long long) samples[n / 2], (long long) samples[n * 99 / 100]);
    fflush (stdout);
}

void hold (void)
{
    char buf[64];
    while (read (0, buf, sizeof buf) > 0)
        ;
}

static int version (void)
{
    int major, minor, patch;
    zmq_version (&major, &minor, &patch);
    printf ("%d.%d.%d\n", major, minor, patch);
    return 0;
}

int main (int argc, char **argv)
{
    if (argc == 2 && strcmp (argv[1], "version") == 0)
        return version ();
    if (argc != 6) {
        fprintf (stderr, "usage: %s ROLE ENDPOINT SIZE N PEERS\n", argv[0]);
        return 2;
    }
    const job_t job = {argv[2], strtoul (argv[3], NULL, 10), atol (argv[4]), atoi (argv[5])};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (strcmp (roles[i].name, argv[1]) == 0) {
            roles[i].run (&job);
            return 0;
        }
    fprintf (stderr, "no such role: %s\n", argv[1]);
    return 2;
}
