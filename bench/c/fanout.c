/* One publisher that drops nothing. The subscribers are not libzmq's: they are
 * the same sink for every publisher (sink.go). */
#include "bench.h"

#include <zmq.h>

/* With VERBOSE, each subscriber's subscription is seen, not only the first. */
static void await_subscribers (void *xpub, int peers)
{
    zmq_msg_t msg;
    check (zmq_msg_init (&msg) == 0, "msg");
    for (int i = 0; i < peers; i++)
        check (zmq_msg_recv (&msg, xpub, 0) == 1, "subscription");
    zmq_msg_close (&msg);
}

void fanout_pub (const job_t *job)
{
    const int on = 1;
    void *context = zmq_ctx_new ();
    void *xpub = open_socket (context, ZMQ_XPUB);
    check (zmq_setsockopt (xpub, ZMQ_XPUB_NODROP, &on, sizeof on) == 0, "nodrop");
    check (zmq_setsockopt (xpub, ZMQ_XPUB_VERBOSE, &on, sizeof on) == 0, "verbose");
    check (zmq_bind (xpub, job->endpoint) == 0, "bind");
    say_ready (xpub);
    await_subscribers (xpub, job->peers);
    for (long i = 0; i < job->n; i++) {
        zmq_msg_t msg;
        check (zmq_msg_init_size (&msg, job->size) == 0, "msg");
        check (zmq_msg_send (&msg, xpub, 0) >= 0, "send");
    }
    hold ();
    zmq_close (xpub);
    zmq_ctx_term (context);
}
