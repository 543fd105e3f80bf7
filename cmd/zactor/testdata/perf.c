/* The four programs of a benchmark as libzmq's own perf folder has them, in one:
   perf local_lat|remote_lat|local_thr|remote_thr ENDPOINT SIZE COUNT */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

static void send_zeros (void *socket, size_t size)
{
    zmq_msg_t m;
    assert (zmq_msg_init_size (&m, size) == 0);
    memset (zmq_msg_data (&m), 0, size);
    assert (zmq_msg_send (&m, socket, 0) == (int) size);
}

static void take (void *socket, size_t size)
{
    zmq_msg_t m;
    assert (zmq_msg_init (&m) == 0);
    assert (zmq_msg_recv (&m, socket, 0) == (int) size);
    assert (zmq_msg_close (&m) == 0);
}

int main (int argc, char **argv)
{
    assert (argc == 5);
    const char *role = argv[1];
    size_t size = strtoul (argv[3], NULL, 10);
    int count = atoi (argv[4]);
    int local = strncmp (role, "local", 5) == 0;
    int lat = strstr (role, "lat") != NULL;
    void *context = zmq_ctx_new ();
    void *s = zmq_socket (context, lat ? (local ? ZMQ_REP : ZMQ_REQ) : (local ? ZMQ_PULL : ZMQ_PUSH));
    assert (s);
    int rc = local ? zmq_bind (s, argv[2]) : zmq_connect (s, argv[2]);
    if (rc != 0) {
        fprintf (stderr, "%s: %s\n", argv[2], zmq_strerror (zmq_errno ()));
        return 1;
    }
    void *watch = zmq_stopwatch_start ();
    for (int i = 0; i < count; i++) {
        if (lat && local)
            take (s, size), send_zeros (s, size);
        else if (lat)
            send_zeros (s, size), take (s, size);
        else if (local)
            take (s, size);
        else
            send_zeros (s, size);
    }
    printf ("%d in %lu us\n", count, zmq_stopwatch_stop (watch));
    assert (zmq_close (s) == 0);
    return zmq_ctx_term (context);
}
