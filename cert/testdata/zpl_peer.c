/* czmq's own ZPL parser, for interop_test.go.
 *
 * Reads documents from standard input, each as a line "LENGTH\n" and that many
 * bytes. Answers each with lines "DEPTH NAME-HEX VALUE-HEX", depth first, and then
 * "OK", or with "REFUSED".
 */
#include <czmq.h>

static void print_hex (const char *text)
{
    for (; text && *text; text++)
        printf ("%02x", (unsigned char) *text);
}

static int print_item (zconfig_t *item, void *arg, int level)
{
    if (level > 0) {
        printf ("%d ", level);
        print_hex (zconfig_name (item));
        printf (" ");
        print_hex (zconfig_value (item));
        printf ("\n");
    }
    return 0;
}

int main (void)
{
    int length;
    while (scanf ("%d", &length) == 1) {
        getchar ();
        byte *data = (byte *) malloc (length + 1);
        if (fread (data, 1, length, stdin) != (size_t) length)
            return 1;
        zchunk_t *chunk = zchunk_new (data, length);
        int saved = dup (STDOUT_FILENO);
        fflush (stdout);
        dup2 (STDERR_FILENO, STDOUT_FILENO);    /* parse errors go to stdout */
        zconfig_t *root = zconfig_chunk_load (chunk);
        fflush (stdout);
        dup2 (saved, STDOUT_FILENO);
        close (saved);
        if (root) {
            zconfig_execute (root, print_item, NULL);
            printf ("OK\n");
        }
        else
            printf ("REFUSED\n");
        fflush (stdout);
        zconfig_destroy (&root);
        zchunk_destroy (&chunk);
        free (data);
    }
    return 0;
}
