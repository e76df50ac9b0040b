// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/taskstats.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Room for an answer: the kernel's structure grows from version to version.
enum { ANSWER_ROOM = 4096 };

typedef union {
  struct nlmsghdr header;
  char bytes[ANSWER_ROOM];
} answer;

// Sends a command with one attribute, and receives the answer; its bytes.
static int32_t ask(int fd, uint16_t family, uint8_t command, uint16_t attribute, const void *value,
                   uint16_t length, answer *out) {
  struct {
    struct nlmsghdr header;
    struct genlmsghdr command;
    struct nlattr attribute;
    char value[32];
  } question;
  memset(&question, 0, sizeof question);
  question.attribute.nla_type = attribute;
  question.attribute.nla_len = NLA_HDRLEN + length;
  memcpy(question.value, value, length);
  question.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(NLA_HDRLEN + length);
  question.header.nlmsg_type = family;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.command.cmd = command;
  question.command.version = 1;
  if (send(fd, &question, question.header.nlmsg_len, 0) < 0) return -errno;
  ssize_t got;
  // An answer that is left there would be taken for that of the next question.
  do got = recv(fd, out->bytes, sizeof out->bytes, 0);
  while (got < 0 && errno == EINTR);
  if (got < 0) return -errno;
  if (!NLMSG_OK(&out->header, (uint32_t)got)) return -EPROTO;
  if (out->header.nlmsg_type == NLMSG_ERROR) {
    int32_t error = ((struct nlmsgerr *)NLMSG_DATA(&out->header))->error;
    return error < 0 ? error : -EPROTO;
  }
  return (int32_t)out->header.nlmsg_len;
}

// The attribute of a type between two addresses; NULL without one.
static const struct nlattr *find(const char *from, const char *end, uint16_t type) {
  while (end - from >= NLA_HDRLEN) {
    const struct nlattr *attribute = (const struct nlattr *)from;
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > end - from) return NULL;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) return attribute;
    from += NLA_ALIGN(attribute->nla_len);
  }
  return NULL;
}

static const char *content(const struct nlattr *attribute) {
  return (const char *)attribute + NLA_HDRLEN;
}

int32_t cshims_task_statistics_open(uint16_t *family) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  if (fd < 0) return -errno;
  answer out;
  static const char name[] = TASKSTATS_GENL_NAME;
  int32_t length =
      ask(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name, sizeof name, &out);
  const struct nlattr *found = NULL;
  if (length >= 0) {
    const char *start = (const char *)NLMSG_DATA(&out.header) + GENL_HDRLEN;
    found = find(start, out.bytes + length, CTRL_ATTR_FAMILY_ID);
  }
  if (!found) {
    close(fd);
    return length < 0 ? length : -EPROTO;
  }
  memcpy(family, content(found), sizeof *family);
  return fd;
}

int32_t cshims_task_statistics_read(int32_t fd, uint16_t family, int32_t thread,
                                    cshims_task_reclaim *out) {
  answer got;
  uint32_t number = (uint32_t)thread;
  int32_t length = ask(fd, family, TASKSTATS_CMD_GET, TASKSTATS_CMD_ATTR_PID, &number,
                       sizeof number, &got);
  if (length < 0) return length;
  const char *start = (const char *)NLMSG_DATA(&got.header) + GENL_HDRLEN;
  const struct nlattr *both = find(start, got.bytes + length, TASKSTATS_TYPE_AGGR_PID);
  if (!both) return -EPROTO;
  const struct nlattr *found =
      find(content(both), (const char *)both + both->nla_len, TASKSTATS_TYPE_STATS);
  const size_t needed = offsetof(struct taskstats, freepages_delay_total) + sizeof(uint64_t);
  if (!found || found->nla_len < NLA_HDRLEN + needed) return -EPROTO;
  struct taskstats statistics;
  memset(&statistics, 0, sizeof statistics);
  memcpy(&statistics, content(found), needed);
  // Version 15 had other fields before these; 16 moved them to the end.
  if (statistics.version < 1 || statistics.version == 15) return -ENOTSUP;
  out->count = statistics.freepages_count;
  out->nanoseconds = statistics.freepages_delay_total;
  return 0;
}
