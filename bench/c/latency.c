/* REQ to REP and back. Each round trip is timed; the first tenth is warming up. */
#include "bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <zmq.h>

static void reply (void *rep, const job_t *job)
{
    zmq_msg_t msg;
    check (zmq_msg_init (&msg) == 0, "msg");
    for (long i = 0; i < warm_up (job) + job->n; i++) {
        check (zmq_msg_recv (&msg, rep, 0) == (int) job->size, "recv");
        check (zmq_msg_send (&msg, rep, 0) >= 0, "send");
    }
    zmq_msg_close (&msg);
}

static void ask (void *req, const job_t *job)
{
    int64_t *took = malloc (job->n * sizeof *took);
    int64_t begin = 0;
    zmq_msg_t msg;
    check (took != NULL, "memory");
    check (zmq_msg_init_size (&msg, job->size) == 0, "msg");
    for (long i = -warm_up (job); i < job->n; i++) {
        const int64_t start = now_ns ();
        if (i == 0)
            begin = start;
        check (zmq_msg_send (&msg, req, 0) >= 0, "send");
        check (zmq_msg_recv (&msg, req, 0) == (int) job->size, "recv");
        if (i >= 0)
            took[i] = now_ns () - start;
    }
    say_latency (job, took, now_ns () - begin);
    zmq_msg_close (&msg);
    free (took);
}

void latency_rep (const job_t *job)
{
    void *context = zmq_ctx_new ();
    void *rep = open_socket (context, ZMQ_REP);
    check (zmq_bind (rep, job->endpoint) == 0, "bind");
    say_ready (rep);
    reply (rep, job);
    hold ();
    zmq_close (rep);
    zmq_ctx_term (context);
}

void latency_req (const job_t *job)
{
    void *context = zmq_ctx_new ();
    void *req = open_socket (context, ZMQ_REQ);
    check (zmq_connect (req, job->endpoint) == 0, "connect");
    ask (req, job);
    hold ();
    zmq_close (req);
    zmq_ctx_term (context);
}

typedef struct {
    void *context;
    const job_t *job;
} server_t;

static void *reply_inproc (void *arg)
{
    const server_t *s = arg;
    void *rep = open_socket (s->context, ZMQ_REP);
    check (zmq_connect (rep, s->job->endpoint) == 0, "connect");
    reply (rep, s->job);
    zmq_close (rep);
    return NULL;
}

void latency_inproc (const job_t *job)
{
    void *context = zmq_ctx_new ();
    void *req = open_socket (context, ZMQ_REQ);
    check (zmq_bind (req, job->endpoint) == 0, "bind");
    server_t server = {context, job};
    pthread_t thread;
    check (pthread_create (&thread, NULL, reply_inproc, &server) == 0, "thread");
    ask (req, job);
    pthread_join (thread, NULL);
    zmq_close (req);
    zmq_ctx_term (context);
}
