/*  A PULL of czmq whose peers zauth judges: the other side of TestInteropZauth.
 *
 *  usage: zauth PLAIN|CURVE PASSWORDS KEYS SERVER
 *
 *  It prints its endpoint, and then a line for each message. It ends with its
 *  input.
 */
#include <czmq.h>

int main (int argc, char **argv)
{
    if (argc != 5)
        return 2;
    zsys_handler_set (NULL);
    zactor_t *auth = zactor_new (zauth, NULL);
    zstr_sendx (auth, "PLAIN", argv [2], NULL);
    zsock_wait (auth);
    zstr_sendx (auth, "CURVE", argv [3], NULL);
    zsock_wait (auth);

    zsock_t *pull = zsock_new (ZMQ_PULL);
    zsock_set_zap_domain (pull, "global");
    zcert_t *cert = NULL;
    if (streq (argv [1], "PLAIN"))
        zsock_set_plain_server (pull, 1);
    else {
        cert = zcert_load (argv [4]);
        if (!cert)
            return 3;
        zcert_apply (cert, pull);
        zsock_set_curve_server (pull, 1);
    }
    int port = zsock_bind (pull, "tcp://127.0.0.1:*");
    printf ("tcp://127.0.0.1:%d\n", port);
    fflush (stdout);

    int input = 0;
    zpoller_t *poller = zpoller_new (pull, &input, NULL);
    while (zpoller_wait (poller, -1) == pull) {
        zframe_t *frame = zframe_recv (pull);
        const char *user = zframe_meta (frame, "User-Id");
        char *text = zframe_strdup (frame);
        printf ("%s from %s\n", text, user ? user : "nobody");
        fflush (stdout);
        zstr_free (&text);
        zframe_destroy (&frame);
    }
    zpoller_destroy (&poller);
    zsock_destroy (&pull);
    zcert_destroy (&cert);
    zactor_destroy (&auth);
    return 0;
}
