/* czmq's own certificates, for interop_test.go.
 *
 *   zcert_peer make PATH [NAME VALUE]...   makes, sets, saves, and shows
 *   zcert_peer load PATH                   loads and shows, or prints "REFUSED"
 *   zcert_peer again PATH NEW-PATH         loads and saves
 *   zcert_peer store DIR KEY               looks a key up: "FOUND" or "UNKNOWN"
 *
 * To show is to print "public KEY", "secret KEY", and "meta NAME=VALUE" lines.
 */
#include <czmq.h>

static void show (zcert_t *cert)
{
    printf ("public %s\nsecret %s\n", zcert_public_txt (cert), zcert_secret_txt (cert));
    zlist_t *keys = zcert_meta_keys (cert);
    for (char *key = (char *) zlist_first (keys); key; key = (char *) zlist_next (keys))
        printf ("meta %s=%s\n", key, zcert_meta (cert, key));
    zlist_destroy (&keys);
}

static int finish (zcert_t *cert)
{
    zcert_destroy (&cert);
    return 0;
}

int main (int argc, char *argv [])
{
    if (argc >= 3 && streq (argv [1], "make")) {
        zcert_t *cert = zcert_new ();
        for (int i = 3; i + 1 < argc; i += 2)
            zcert_set_meta (cert, argv [i], "%s", argv [i + 1]);
        if (zcert_save (cert, argv [2]))
            return 1;
        show (cert);
        return finish (cert);
    }
    if (argc == 4 && streq (argv [1], "store")) {
        zcertstore_t *store = zcertstore_new (argv [2]);
        puts (zcertstore_lookup (store, argv [3]) ? "FOUND" : "UNKNOWN");
        zcertstore_destroy (&store);
        return 0;
    }
    zcert_t *cert = argc >= 3 ? zcert_load (argv [2]) : NULL;
    if (!cert) {
        puts ("REFUSED");
        return 0;
    }
    if (argc == 4 && streq (argv [1], "again"))
        return zcert_save (cert, argv [3]) | finish (cert);
    show (cert);
    return finish (cert);
}
