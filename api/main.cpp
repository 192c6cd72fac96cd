#include "api/cli/command_line.hpp"

int main(int argc, char** argv) {
  return skald::api::run_command_line(argc, argv);
}
