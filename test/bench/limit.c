/*
 * What the kernel itself needs for the benchmark's work: one process that speaks rtnetlink, with no tool between.
 *
 *   limit create N    namespaces b0..., lo up, a veth pair to the host, a /30, a default route; as work.ts describes
 *   limit read        links, addresses and routes of the host and of all namespaces, dumped and counted
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY "/run/netns"
#define GROUP 7

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int netlink(void) {
  int size = 1 << 20, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) fail("netlink");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return fd;
}

/* Several requests go out in one write; each is acknowledged. */
static char buffer[1 << 16];
static struct nlmsghdr *message;
static size_t filled;
static int requests;

static void *begin(int type, int flags, size_t header) {
  message = (struct nlmsghdr *)(buffer + filled);
  memset(message, 0, NLMSG_SPACE(header));
  *message = (struct nlmsghdr){
      .nlmsg_len = NLMSG_LENGTH(header), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags};
  return NLMSG_DATA(message);
}

static struct rtattr *attribute(int type, const void *data, size_t length) {
  struct rtattr *a = (struct rtattr *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
  a->rta_type = type;
  a->rta_len = RTA_LENGTH(length);
  if (length) memcpy(RTA_DATA(a), data, length);
  message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + RTA_ALIGN(a->rta_len);
  return a;
}

static void close_nest(struct rtattr *a) { a->rta_len = (char *)message + message->nlmsg_len - (char *)a; }

static void end(void) {
  filled += NLMSG_ALIGN(message->nlmsg_len);
  requests++;
}

static void flush(int fd, const char *what) {
  static char answer[1 << 16];
  if (send(fd, buffer, filled, 0) < 0) fail(what);
  while (requests > 0) {
    int length = recv(fd, answer, sizeof answer, 0);
    for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
      if (h->nlmsg_type != NLMSG_ERROR) continue;
      errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
      if (errno) fail(what);
      requests--;
    }
  }
  filled = 0;
}

static void veth(int index, const char *name, int namespace) {
  struct ifinfomsg *peer, *head = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *head);
  uint32_t group = GROUP;
  head->ifi_index = index;
  attribute(IFLA_IFNAME, name, strlen(name) + 1);
  attribute(IFLA_GROUP, &group, 4);
  struct rtattr *info = attribute(IFLA_LINKINFO, NULL, 0);
  attribute(IFLA_INFO_KIND, "veth", 4);
  struct rtattr *data = attribute(IFLA_INFO_DATA, NULL, 0);
  struct rtattr *other = attribute(VETH_INFO_PEER, NULL, 0);
  peer = (void *)((char *)message + NLMSG_ALIGN(message->nlmsg_len));
  memset(peer, 0, sizeof *peer);
  peer->ifi_index = 2;
  message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + sizeof *peer;
  attribute(IFLA_IFNAME, "eth0", 5);
  attribute(IFLA_GROUP, &group, 4);
  attribute(IFLA_NET_NS_FD, &namespace, 4);
  close_nest(other);
  close_nest(data);
  close_nest(info);
  end();
}

static void up(int index) {
  struct ifinfomsg *head = begin(RTM_SETLINK, 0, sizeof *head);
  head->ifi_index = index;
  head->ifi_flags = head->ifi_change = IFF_UP;
  end();
}

static void address(int index, uint32_t value) {
  struct ifaddrmsg *head = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *head);
  *head = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 30, .ifa_index = index};
  value = htonl(value);
  attribute(IFA_LOCAL, &value, 4);
  attribute(IFA_ADDRESS, &value, 4);
  end();
}

static void default_route(uint32_t gateway) {
  struct rtmsg *head = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *head);
  *head = (struct rtmsg){.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
                         .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
  gateway = htonl(gateway);
  attribute(RTA_GATEWAY, &gateway, 4);
  end();
}

static void create(int count) {
  mkdir(DIRECTORY, 0755);
  if (mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL)) {
    if (mount(DIRECTORY, DIRECTORY, "none", MS_BIND | MS_REC, NULL)) fail("bind");
    if (mount("", DIRECTORY, "none", MS_SHARED | MS_REC, NULL)) fail("shared");
  }
  int host = netlink();
  for (int i = 0; i < count; i++) {
    char path[64], name[16];
    uint32_t net = 0x0a400000u + 4u * i;
    snprintf(path, sizeof path, DIRECTORY "/b%d", i);
    snprintf(name, sizeof name, "h%d", i);
    close(open(path, O_RDONLY | O_CREAT | O_EXCL, 0));
    /* From here on this process lives in the new namespace; the host is reached by its socket. */
    if (unshare(CLONE_NEWNET)) fail("unshare");
    if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL)) fail(path);
    int here = netlink(), space = open(path, O_RDONLY | O_CLOEXEC);
    int index = 100000 + i;
    veth(index, name, space);
    address(index, net + 1);
    up(index);
    flush(host, name);
    up(1);
    address(2, net + 2);
    up(2);
    default_route(net + 1);
    flush(here, path);
    close(here);
    close(space);
  }
}

static long dump(int fd, int type) {
  static char answer[1 << 18];
  long bytes = 0;
  struct rtgenmsg *head = begin(type, NLM_F_DUMP, sizeof(struct ifinfomsg));
  head->rtgen_family = AF_UNSPEC;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (send(fd, buffer, message->nlmsg_len, 0) < 0) fail("dump");
  for (;;) {
    int length = recv(fd, answer, sizeof answer, 0);
    if (length < 0) fail("recv");
    bytes += length;
    for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length))
      if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) return bytes;
  }
}

static long dump_all(void) {
  int fd = netlink();
  long bytes = dump(fd, RTM_GETLINK) + dump(fd, RTM_GETADDR) + dump(fd, RTM_GETROUTE);
  close(fd);
  return bytes;
}

static void read_all(void) {
  long bytes = dump_all();
  DIR *directory = opendir(DIRECTORY);
  for (struct dirent *entry; directory && (entry = readdir(directory));) {
    char path[300];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, DIRECTORY "/%s", entry->d_name);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET)) fail(path);
    close(space);
    bytes += dump_all();
  }
  printf("%ld bytes\n", bytes);
}

int main(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[1], "create")) create(atoi(argv[2]));
  else if (argc == 2 && !strcmp(argv[1], "read")) read_all();
  else return fprintf(stderr, "limit create N | limit read\n"), 64;
  return 0;
}
