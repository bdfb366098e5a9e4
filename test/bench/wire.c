/*
 * Both ends of the data plane's measurements.
 *
 *   wire serve PORT                    three listeners: PORT sets up and ends, PORT+1 echoes, PORT+2 swallows
 *   wire connect ADDRESS PORT COUNT    microseconds for each of COUNT connections, one after the other
 *   wire echo ADDRESS PORT COUNT       microseconds for each of COUNT round trips on one connection
 *   wire stream ADDRESS PORT BYTES     seconds until all of it has arrived
 *   wire hammer ADDRESS PORT SECONDS   connections tried and failed, each carrying a byte there and back
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in address_of(const char *address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) fail(address);
  return to;
}

static int listener(int port) {
  struct sockaddr_in at = address_of("0.0.0.0", port);
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096)) fail("listen");
  return fd;
}

static void echo(int fd) {
  char byte;
  while (read(fd, &byte, 1) == 1)
    if (write(fd, &byte, 1) != 1) break;
}

/* A byte comes back once the stream has ended, so that the sender times the arrival and not its own buffer. */
static void swallow(int fd) {
  static char buffer[1 << 18];
  while (read(fd, buffer, sizeof buffer) > 0) {}
  if (write(fd, "", 1) != 1) perror("write");
}

static int serve(int port) {
  struct pollfd ports[3];
  for (int i = 0; i < 3; i++) ports[i] = (struct pollfd){.fd = listener(port + i), .events = POLLIN};
  signal(SIGCHLD, SIG_IGN);
  puts("ready");
  fflush(stdout);
  for (;;) {
    if (poll(ports, 3, -1) < 0) continue;
    for (int i = 0; i < 3; i++) {
      if (!(ports[i].revents & POLLIN)) continue;
      int one = 1, fd = accept(ports[i].fd, NULL, NULL);
      if (fd < 0) continue;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      if (i > 0 && fork() == 0) {
        i == 1 ? echo(fd) : swallow(fd);
        _exit(0);
      }
      close(fd);
    }
  }
}

static int dial(struct sockaddr_in *to) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  struct timeval patience = {.tv_sec = 3};
  if (fd < 0) fail("socket");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)to, sizeof *to)) {
    close(fd);
    return -1;
  }
  return fd;
}

/* Ends with a reset: no port is left waiting, however many connections are made. */
static void drop(int fd) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "serve")) return serve(atoi(argv[2]));
  if (argc != 5) return fprintf(stderr, "wire serve PORT | connect|echo|stream|hammer ADDRESS PORT AMOUNT\n"), 64;
  struct sockaddr_in to = address_of(argv[2], atoi(argv[3]));
  long amount = atol(argv[4]), failed = 0, tried = 0;
  double start = now();
  if (!strcmp(argv[1], "connect")) {
    for (long i = 0; i < amount; i++) {
      int fd = dial(&to);
      if (fd < 0) fail("connect");
      drop(fd);
    }
    printf("%.3f\n", (now() - start) * 1e6 / amount);
  } else if (!strcmp(argv[1], "echo")) {
    char byte = 0;
    int fd = dial(&to);
    if (fd < 0) fail("connect");
    start = now();
    for (long i = 0; i < amount; i++)
      if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) fail("echo");
    printf("%.3f\n", (now() - start) * 1e6 / amount);
  } else if (!strcmp(argv[1], "stream")) {
    static char buffer[1 << 18];
    char byte;
    struct timeval patience = {.tv_sec = 120};
    int fd = dial(&to);
    if (fd < 0) fail("connect");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    start = now();
    for (long left = amount; left > 0;) {
      long sent = write(fd, buffer, left < (long)sizeof buffer ? left : (long)sizeof buffer);
      if (sent <= 0) fail("stream");
      left -= sent;
    }
    shutdown(fd, SHUT_WR);
    if (read(fd, &byte, 1) != 1) fail("stream");
    printf("%.6f\n", now() - start);
  } else {
    for (; now() - start < amount; tried++) {
      char byte = 0;
      int fd = dial(&to);
      if (fd < 0 || write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) failed++;
      if (fd >= 0) drop(fd);
    }
    printf("%ld %ld\n", tried, failed);
  }
  return 0;
}
