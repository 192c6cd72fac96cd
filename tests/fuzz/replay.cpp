// replay FILE|FOLDER…: gives each file to the target it is linked with, as libFuzzer does, but under any
// compiler. It runs the kept corpus among the unit tests, and one input again that a fuzzer has found.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(place)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    return false;
  }
  // An exact allocation, so that the address sanitizer sees the first byte read behind it.
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  // Told first: an input that stops the process is the last one named.
  std::fprintf(stderr, "%s\n", path.c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace

int main(int count, char** words) {
  std::size_t replayed = 0;
  for (int i = 1; i < count; ++i)
    for (const auto& path : files_in(words[i])) {
      if (!replay(path)) return 1;
      ++replayed;
    }
  std::printf("%zu inputs replayed\n", replayed);
  // A corpus that is not found must not look like one that passes.
  return replayed > 0 ? 0 : 1;
}
