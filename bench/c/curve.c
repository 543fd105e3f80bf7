/* PUSH to PULL under CURVE. The server lets every client in: there is no
 * authenticator. Its public key goes with the endpoint, behind a bar. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void new_keys (char *public_key, char *secret_key)
{
    check (zmq_curve_keypair (public_key, secret_key) == 0, "key pair");
}

void curve_recv (const job_t *job)
{
    const int on = 1;
    char public_key[41], secret_key[41];
    void *context = zmq_ctx_new ();
    void *pull = open_socket (context, ZMQ_PULL);
    new_keys (public_key, secret_key);
    check (zmq_setsockopt (pull, ZMQ_CURVE_SERVER, &on, sizeof on) == 0, "server");
    check (zmq_setsockopt (pull, ZMQ_CURVE_SECRETKEY, secret_key, sizeof secret_key) == 0, "secret key");
    check (zmq_bind (pull, job->endpoint) == 0, "bind");
    say_ready_key (pull, public_key);
    receive_all (pull, job);
    hold ();
    zmq_close (pull);
    zmq_ctx_term (context);
}

void curve_send (const job_t *job)
{
    char public_key[41], secret_key[41];
    char *endpoint = strdup (job->endpoint);
    char *server_key = strchr (endpoint, '|');
    void *context = zmq_ctx_new ();
    void *push = open_socket (context, ZMQ_PUSH);
    check (server_key != NULL, "no key behind the endpoint");
    *server_key++ = 0;
    new_keys (public_key, secret_key);
    check (zmq_setsockopt (push, ZMQ_CURVE_SERVERKEY, server_key, strlen (server_key) + 1) == 0, "server key");
    check (zmq_setsockopt (push, ZMQ_CURVE_PUBLICKEY, public_key, sizeof public_key) == 0, "public key");
    check (zmq_setsockopt (push, ZMQ_CURVE_SECRETKEY, secret_key, sizeof secret_key) == 0, "secret key");
    check (zmq_connect (push, endpoint) == 0, "connect");
    send_all (push, job);
    hold ();
    zmq_close (push);
    zmq_ctx_term (context);
    free (endpoint);
}
