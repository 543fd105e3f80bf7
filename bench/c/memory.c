/* A ROUTER with many peers at rest, and with many that never finish their
 * handshake. The peers are the same for every server (memory.go). */
#include "bench.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* What this process has of the machine's memory, after it gave back what it can. */
double resident_bytes (void)
{
    long size = 0, resident = 0;
    malloc_trim (0);
    FILE *statm = fopen ("/proc/self/statm", "r");
    check (statm != NULL && fscanf (statm, "%ld %ld", &size, &resident) == 2, "statm");
    fclose (statm);
    return (double) resident * sysconf (_SC_PAGESIZE);
}

static double cpu_ns (void)
{
    struct rusage u;
    getrusage (RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

static void sleep_ms (long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep (&t, NULL);
}

/* How long peers are watched at rest: half a second, if there are many. */
static long rest_ms (const job_t *job)
{
    return job->peers < 500 ? job->peers : 500;
}

/* CPU time a second, in nanoseconds, while nothing happens. */
static double resting_cpu (const job_t *job)
{
    const double before = cpu_ns ();
    sleep_ms (rest_ms (job));
    return (cpu_ns () - before) * 1000 / rest_ms (job);
}

static void at_rest (const job_t *job, int messages)
{
    void *context = zmq_ctx_new ();
    void *router = open_socket (context, ZMQ_ROUTER);
    zmq_msg_t id, body;
    check (zmq_msg_init (&id) == 0 && zmq_msg_init (&body) == 0, "msg");
    check (zmq_bind (router, job->endpoint) == 0, "bind");
    const double base = resident_bytes ();
    say_ready (router);
    const int64_t start = now_ns ();
    for (int i = 0; i < messages; i++) {
        check (zmq_msg_recv (&id, router, 0) >= 0, "routing id");
        check (zmq_msg_recv (&body, router, 0) >= 0, "body");
    }
    const int64_t took = now_ns () - start;
    sleep_ms (rest_ms (job) / 5);
    const double bytes = resident_bytes () - base;
    printf ("RESULT n=%d ns=%lld bytes=%.0f rest=%.0f\n", job->peers, (long long) took, bytes, resting_cpu (job));
    fflush (stdout);
    hold ();
    zmq_msg_close (&id);
    zmq_msg_close (&body);
    zmq_close (router);
    zmq_ctx_term (context);
}

void router_idle (const job_t *job)
{
    at_rest (job, job->peers);
}

void router_half_open (const job_t *job)
{
    at_rest (job, 1);
}
