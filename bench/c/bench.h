/* What the libzmq side of the benchmark shares: its words to the program that
 * starts it, its clock, and its way to give up.
 *
 * A server binds and says "READY endpoint" on stdout; whichever process
 * measures says "RESULT n=.. ns=.." and more such pairs; both then keep their
 * sockets until stdin ends, because libzmq may lose the tail of an ipc stream whose
 * sender has closed. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

/* One run, from the command line: ROLE ENDPOINT SIZE N PEERS. */
typedef struct {
    const char *endpoint;
    size_t size;
    long n;
    int peers;
} job_t;

typedef void(role_fn) (const job_t *job);

role_fn throughput_recv, throughput_send, throughput_inproc;
role_fn latency_rep, latency_req, latency_inproc;
role_fn fanout_pub, fanin_pull;
role_fn curve_recv, curve_send;
role_fn topics_pub;
role_fn router_idle, router_half_open;

int64_t now_ns (void);
long warm_up (const job_t *job); /* messages before those that count, at least one */
void check (int ok, const char *what);
void *open_socket (void *context, int type);
void say_ready (void *socket);
void say_ready_key (void *socket, const char *key);
void say_rate (const job_t *job, int64_t ns);
void say_latency (const job_t *job, int64_t *samples, int64_t ns);
void receive_all (void *pull, const job_t *job);
void send_all (void *push, const job_t *job);
double resident_bytes (void);
void hold (void);

#endif
