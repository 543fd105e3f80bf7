/* One subscriber with job->peers subscriptions: what they take, what a message
 * costs that nobody wants, and when all is free again after it left. The
 * subscriber is the same for every publisher (topics.go). */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

enum { TOPIC = 16, MISSES = 300000 };

static void topic (char *to, long i)
{
    char text[TOPIC + 1];
    snprintf (text, sizeof text, "%016llx", (unsigned long long) (i + 1) * 0x9E3779B97F4A7C15ULL);
    memcpy (to, text, TOPIC);
}

/* Subscriptions that come or go. */
static void await_events (void *xpub, long n)
{
    zmq_msg_t msg;
    check (zmq_msg_init (&msg) == 0, "msg");
    for (long i = 0; i < n; i++)
        check (zmq_msg_recv (&msg, xpub, 0) == 1 + TOPIC, "subscription");
    zmq_msg_close (&msg);
}

static void publish (void *xpub, const void *data, size_t size)
{
    check (zmq_send (xpub, data, size, 0) >= 0, "send");
}

static double publish_unwanted (void *xpub, const job_t *job)
{
    char *unwanted = calloc (1, job->size);
    check (unwanted != NULL, "memory");
    memcpy (unwanted, "!nobody wants it", TOPIC);
    const int64_t start = now_ns ();
    for (int i = 0; i < MISSES; i++)
        publish (xpub, unwanted, job->size);
    free (unwanted);
    return (double) (now_ns () - start) / MISSES;
}

static void publish_wanted (void *xpub, const job_t *job, char *payloads, long different)
{
    for (long i = 0; i < job->n; i++)
        publish (xpub, payloads + i % different * job->size, job->size);
}

static double wall_clock (void)
{
    struct timespec t;
    clock_gettime (CLOCK_REALTIME, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

void topics_pub (const job_t *job)
{
    const int on = 1;
    const long different = job->peers < 4096 ? job->peers : 4096;
    char *payloads = calloc (different, job->size);
    void *context = zmq_ctx_new ();
    void *xpub = open_socket (context, ZMQ_XPUB);
    check (payloads != NULL, "memory");
    for (long i = 0; i < different; i++)
        topic (payloads + i * job->size, i * (job->peers / different));
    check (zmq_setsockopt (xpub, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "nodrop");
    check (zmq_bind (xpub, job->endpoint) == 0, "bind");
    const double base = resident_bytes ();
    say_ready (xpub);
    const int64_t start = now_ns ();
    await_events (xpub, job->peers);
    const int64_t subscribed = now_ns () - start;
    const double bytes = resident_bytes () - base;
    const double miss = publish_unwanted (xpub, job);
    publish_wanted (xpub, job, payloads, different);
    await_events (xpub, job->peers);
    printf ("RESULT subscriptions=%d subscribed=%lld bytes=%.0f miss=%g freed=%.0f\n", job->peers,
            (long long) subscribed, bytes, miss, wall_clock ());
    fflush (stdout);
    hold ();
    zmq_close (xpub);
    zmq_ctx_term (context);
    free (payloads);
}
