/* How pkttap/consumer.h says what went wrong: the first reason stays, whatever follows from it. */
#ifndef PKTTAP_DETAIL_ERROR_H
#define PKTTAP_DETAIL_ERROR_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* Always -1, so that a function can fail in one statement. `code` is one of docs/errors.md. */
__attribute__((format(printf, 3, 4))) static inline int pkttap_detail_fail(struct pkttap_error *error, const char *code,
                                                                           const char *format, ...) {
  if (error->code[0] != '\0') return -1;
  va_list values;
  va_start(values, format);
  vsnprintf(error->message, sizeof error->message, format, values);
  va_end(values);
  snprintf(error->code, sizeof error->code, "%s", code);
  return -1;
}

static inline int pkttap_detail_fail_system(struct pkttap_error *error, const char *what) {
  return pkttap_detail_fail(error, "ERR_TAP_SYSTEM", "%s failed: %s", what, strerror(errno));
}

#endif /* PKTTAP_DETAIL_ERROR_H */
