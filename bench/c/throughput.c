/* PUSH to PULL, one way. The first tenth is warming up, and does not count. */
#include "bench.h"

#include <pthread.h>
#include <zmq.h>

void receive_all (void *pull, const job_t *job)
{
    zmq_msg_t msg;
    int64_t start = 0;
    check (zmq_msg_init (&msg) == 0, "msg");
    for (long i = -warm_up (job); i < job->n; i++) {
        if (i == 0)
            start = now_ns ();
        check (zmq_msg_recv (&msg, pull, 0) == (int) job->size, "recv");
    }
    say_rate (job, now_ns () - start);
    zmq_msg_close (&msg);
}

void send_all (void *push, const job_t *job)
{
    for (long i = -warm_up (job); i < job->n; i++) {
        zmq_msg_t msg;
        check (zmq_msg_init_size (&msg, job->size) == 0, "msg");
        check (zmq_msg_send (&msg, push, 0) >= 0, "send");
    }
}

void throughput_recv (const job_t *job)
{
    void *context = zmq_ctx_new ();
    void *pull = open_socket (context, ZMQ_PULL);
    check (zmq_bind (pull, job->endpoint) == 0, "bind");
    say_ready (pull);
    receive_all (pull, job);
    hold ();
    zmq_close (pull);
    zmq_ctx_term (context);
}

void throughput_send (const job_t *job)
{
    void *context = zmq_ctx_new ();
    void *push = open_socket (context, ZMQ_PUSH);
    check (zmq_connect (push, job->endpoint) == 0, "connect");
    send_all (push, job);
    hold ();
    zmq_close (push);
    zmq_ctx_term (context);
}

typedef struct {
    void *context;
    const job_t *job;
} sender_t;

static void *send_inproc (void *arg)
{
    const sender_t *s = arg;
    void *push = open_socket (s->context, ZMQ_PUSH);
    check (zmq_connect (push, s->job->endpoint) == 0, "connect");
    send_all (push, s->job);
    zmq_close (push);
    return NULL;
}

void throughput_inproc (const job_t *job)
{
    void *context = zmq_ctx_new ();
    void *pull = open_socket (context, ZMQ_PULL);
    check (zmq_bind (pull, job->endpoint) == 0, "bind");
    sender_t sender = {context, job};
    pthread_t thread;
    check (pthread_create (&thread, NULL, send_inproc, &sender) == 0, "thread");
    receive_all (pull, job);
    pthread_join (thread, NULL);
    zmq_close (pull);
    zmq_ctx_term (context);
}
