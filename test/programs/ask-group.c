/* Asks a share group's memory whose packets are: the memory on standard input, then questions. A line for each answer. */
#define PKTTAP_CONSUMER
#include <pkttap.h>

struct question {
  uint64_t joined, sequence;
  uint32_t member, hash;
};

int main(void) {
  static struct pkttap_consumer consumer;
  struct question question;
  /* Of exactly its size, so that a sanitizer sees each byte too many. */
  struct pkttap_shares *shares = (struct pkttap_shares *)malloc(sizeof *shares);
  if (fread(shares, sizeof *shares, 1, stdin) != 1) return 1;
  consumer.shares = shares;
  while (fread(&question, sizeof question, 1, stdin) == 1) {
    consumer.joined = question.joined;
    consumer.member = question.member;
    printf("%d\n", pkttap_detail_ask_group(&consumer, 0, question.sequence, question.hash));
  }
  free(shares);
  return 0;
}
