/* Many senders into one PULL. They are not libzmq's: they are the same for every
 * receiver (source.go). Each message begins with the number of its sender. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void take (void *pull, const job_t *job, long *each)
{
    uint32_t sender;
    zmq_msg_t msg;
    check (zmq_msg_init (&msg) == 0, "msg");
    check (zmq_msg_recv (&msg, pull, 0) == (int) job->size, "recv");
    memcpy (&sender, zmq_msg_data (&msg), sizeof sender);
    check (sender < (uint32_t) job->peers, "no such sender");
    each[sender]++;
    zmq_msg_close (&msg);
}

static double slowest (const long *each, const job_t *job)
{
    long least = job->n;
    for (int i = 0; i < job->peers; i++)
        if (each[i] < least)
            least = each[i];
    return (double) least * job->peers / job->n;
}

void fanin_pull (const job_t *job)
{
    long *each = calloc (job->peers, sizeof *each);
    void *context = zmq_ctx_new ();
    void *pull = open_socket (context, ZMQ_PULL);
    check (each != NULL, "memory");
    check (zmq_bind (pull, job->endpoint) == 0, "bind");
    say_ready (pull);
    for (long i = 0; i < warm_up (job); i++)
        take (pull, job, each);
    memset (each, 0, job->peers * sizeof *each);
    const int64_t start = now_ns ();
    for (long i = 0; i < job->n; i++)
        take (pull, job, each);
    const int64_t took = now_ns () - start;
    printf ("RESULT n=%ld ns=%lld all=%ld slowest=%g\n", job->n, (long long) took,
            job->n + warm_up (job), slowest (each, job));
    fflush (stdout);
    hold ();
    zmq_close (pull);
    zmq_ctx_term (context);
    free (each);
}
