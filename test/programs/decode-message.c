/* Decodes messages as a consumer in C does: lines of hexadecimal digits in, a line of JSON for each out, or `refused`. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

static size_t parse_hex(const char *line, uint8_t *bytes) {
  size_t length = 0;
  unsigned byte;
  while (length < PKTTAP_DETAIL_MESSAGE_BYTES && sscanf(line + 2 * length, "%2x", &byte) == 1) bytes[length++] = (uint8_t)byte;
  return length;
}

/* In memory of exactly its size, so that a sanitizer sees each byte too many. */
static int decode(const uint8_t *bytes, size_t length, struct pkttap_detail_message *message) {
  uint8_t *exact = (uint8_t *)malloc(length + (length == 0));
  int result;
  memcpy(exact, bytes, length);
  result = pkttap_detail_decode(exact, length, message);
  free(exact);
  return result;
}

static void print(const struct pkttap_detail_message *message) {
  printf("{\"type\":\"%s\",\"code\":\"%s\",\"message\":\"%s\",\"reason\":\"%s\",\"policy\":\"%s\",\"version\":%llu,\"member\":%llu,\"epoch\":%llu,\"lanes\":[",
         message->type, message->code, message->text, message->reason, message->policy,
         (unsigned long long)message->version, (unsigned long long)message->member, (unsigned long long)message->epoch);
  for (uint32_t i = 0; i < message->lanes; i++)
    printf("%s[\"%llu\",\"%llu\"]", i == 0 ? "" : ",", (unsigned long long)message->position[i],
           (unsigned long long)message->sequence[i]);
  printf("]}\n");
}

int main(void) {
  static char line[2 * PKTTAP_DETAIL_MESSAGE_BYTES + 2];
  static uint8_t bytes[PKTTAP_DETAIL_MESSAGE_BYTES];
  struct pkttap_detail_message message;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (decode(bytes, parse_hex(line, bytes), &message) == 0) print(&message);
    else printf("refused\n");
  }
  return 0;
}
