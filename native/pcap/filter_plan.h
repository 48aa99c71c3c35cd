// A filter for the devices of a capture, compiled for each before any of them takes it: on whatever thread, so that none
// that takes packets has to wait for libpcap's compiler.
#pragma once

#include <string>
#include <vector>

#include "filter.h"
#include "open_failure.h"

namespace pkttap {

// A device that a filter is for; what of it never changes once it was open.
struct FilterSubject {
  std::string device;
  FilterTarget target;
};

// What an expression is for one device.
struct FilterProgram {
  std::string expression;
  FilterTarget target;
  std::vector<BpfInstruction> instructions;  // of compile_for_kernel(); never empty
};

// For each device of a capture, in their order.
using FilterPlan = std::vector<FilterProgram>;

// False: see `failure`. Any thread, as the next.
bool compile_program(const std::string& expression, const FilterSubject& subject, FilterProgram& program,
                     OpenFailure& failure);

// For all, or none: false, and `failure` is about the first that it does not compile for.
bool compile_plan(const std::string& expression, const std::vector<FilterSubject>& subjects, FilterPlan& plan,
                  OpenFailure& failure);

}  // namespace pkttap
