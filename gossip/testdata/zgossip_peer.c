/* A peer on czmq's own zgossip, for interop_test.go.
 *
 * Reads lines: "BIND endpoint", "CONNECT endpoint", "PUBLISH key value". Prints
 * "PORT n" after a BIND, and "DELIVER key value" for each tuple. It ends when its
 * standard input does.
 */
#include <czmq.h>

static void obey (zactor_t *gossip, char *line)
{
    char word [16] = "", first [256] = "", second [1024] = "";
    int words = sscanf (line, "%15s %255s %1023s", word, first, second);
    if (words == 2 && streq (word, "BIND")) {
        zstr_sendx (gossip, "BIND", first, NULL);
        zstr_sendx (gossip, "PORT", NULL);
    }
    else
    if (words == 2 && streq (word, "CONNECT"))
        zstr_sendx (gossip, "CONNECT", first, NULL);
    else
    if (words == 3 && streq (word, "PUBLISH"))
        zstr_sendx (gossip, "PUBLISH", first, second, NULL);
}

int main (void)
{
    zactor_t *gossip = zactor_new (zgossip, "peer");
    setvbuf (stdin, NULL, _IONBF, 0);
    int input = STDIN_FILENO;
    zpoller_t *poller = zpoller_new (gossip, &input, NULL);
    char line [2048];
    while (true) {
        void *which = zpoller_wait (poller, -1);
        if (which == &input) {
            if (!fgets (line, sizeof line, stdin))
                break;
            obey (gossip, line);
        }
        else
        if (which == gossip) {
            zmsg_t *msg = zmsg_recv (gossip);
            if (!msg)
                break;
            char *frame;
            const char *space = "";
            while ((frame = zmsg_popstr (msg))) {
                printf ("%s%s", space, frame);
                space = " ";
                zstr_free (&frame);
            }
            printf ("\n");
            fflush (stdout);
            zmsg_destroy (&msg);
        }
        else
            break;
    }
    zpoller_destroy (&poller);
    zactor_destroy (&gossip);
    return 0;
}
