/* A peer on czmq's own zbeacon, for interop_test.go.
 *
 *   zbeacon_peer PORT PAYLOAD-HEX INTERVAL-MS PREFIX-HEX
 *
 * Prints "READY address" once it is configured, and "HEARD address hex" for each
 * beacon. It ends when its standard input does.
 */
#include <czmq.h>

static size_t unhex (const char *text, byte *out, size_t room)
{
    size_t n = 0;
    unsigned value;
    while (n < room && sscanf (text + 2 * n, "%2x", &value) == 1)
        out [n++] = (byte) value;
    return n;
}

int main (int argc, char *argv [])
{
    if (argc != 5)
        return 2;
    byte payload [255], prefix [255];
    size_t payload_size = unhex (argv [2], payload, sizeof payload);
    size_t prefix_size = unhex (argv [4], prefix, sizeof prefix);

    zactor_t *beacon = zactor_new (zbeacon, NULL);
    zsock_send (beacon, "si", "CONFIGURE", atoi (argv [1]));
    char *address = zstr_recv (beacon);
    printf ("READY %s\n", address ? address : "");
    fflush (stdout);
    zstr_free (&address);

    zsock_send (beacon, "sb", "SUBSCRIBE", prefix, prefix_size);
    zsock_send (beacon, "sbi", "PUBLISH", payload, payload_size, atoi (argv [3]));

    int input = STDIN_FILENO;
    zpoller_t *poller = zpoller_new (beacon, &input, NULL);
    while (true) {
        void *which = zpoller_wait (poller, -1);
        if (which != beacon)
            break;
        char *from = NULL;
        zframe_t *frame = NULL;
        zsock_recv (beacon, "sf", &from, &frame);
        char *hex = frame ? zframe_strhex (frame) : NULL;
        printf ("HEARD %s %s\n", from ? from : "", hex ? hex : "");
        fflush (stdout);
        free (hex);
        zframe_destroy (&frame);
        zstr_free (&from);
    }
    zpoller_destroy (&poller);
    zactor_destroy (&beacon);
    return 0;
}
