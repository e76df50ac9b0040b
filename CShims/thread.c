// SPDX-License-Identifier: GPL-3.0-or-later
#include "cshims.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct cshims_thread {
  pthread_t id;
  void (*body)(void *context);
  void *context;
};

static void *run(void *argument) {
  cshims_thread *thread = argument;
  thread->body(thread->context);
  return NULL;
}

int32_t cshims_thread_start(void (*body)(void *context), void *context, cshims_thread **out) {
  cshims_thread *thread = calloc(1, sizeof *thread);
  if (thread == NULL) return -ENOMEM;
  thread->body = body;
  thread->context = context;
  int error = pthread_create(&thread->id, NULL, run, thread);
  if (error != 0) {
    free(thread);
    return -error;
  }
  *out = thread;
  return 0;
}

int32_t cshims_thread_join(cshims_thread *thread) {
  int error = pthread_join(thread->id, NULL);
  if (error != 0) return -error;
  free(thread);
  return 0;
}
