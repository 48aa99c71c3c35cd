#include "filter_plan.h"

#include <utility>

namespace pkttap {

bool compile_program(const std::string& expression, const FilterSubject& subject, FilterProgram& program,
                     OpenFailure& failure) {
  failure.device = subject.device;
  program.expression = expression;
  program.target = subject.target;
  const Status status = compile_for_kernel(expression, subject.target, program.instructions);
  return status || refuse(failure, OpenFailure::kBadFilter, PCAP_ERROR, status.detail);
}

bool compile_plan(const std::string& expression, const std::vector<FilterSubject>& subjects, FilterPlan& plan,
                  OpenFailure& failure) {
  for (const FilterSubject& subject : subjects) {
    FilterProgram program;
    if (!compile_program(expression, subject, program, failure)) return false;
    plan.push_back(std::move(program));
  }
  return true;
}

}  // namespace pkttap
