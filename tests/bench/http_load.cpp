// The client of the benchmark: keep-alive connections that POST. usage:
//   bench_load PORT PATH CLIENTS SECONDS [rate=N] [requests=N] [body=FILE] [patient=1] [numbers=N]
// Closed loop: each of CLIENTS sends its next request when its last is answered; patient ones, when they are
// told to come again later, after the seconds of Retry-After. Open loop (rate): N requests
// a second are planned at even distances, whatever the answers do; one waits while all CLIENTS are busy, and
// its latency counts from the time it was planned for. One %ld in PATH or in the body's text stands for a
// running number, of so many numbers. Prints one JSON line: how many, how long, statuses, and the latency of
// what was accepted (2xx).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "tests/bench/http_framing.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::uint16_t port = 0;
  std::string path;
  std::size_t clients = 0;
  double seconds = 0;
  double rate = 0;    // a second; 0: closed loop
  long requests = 0;  // ends after so many; 0: by the clock alone
  bool patient = false;
  long numbers = 0;  // running numbers are below that; 0: each is another one, in all runs
  std::string body =
      R"({"applicantId":"applicant-%ld","name":"Ada Lovelace","age":36,"skill":"analytical engines","job":"mathematician","note":"about two hundred bytes of JSON leave with every request, as the work says so"})";
};

[[noreturn]] void fail(const char* why) {
  std::fprintf(stderr, "bench_load: %s\n", why);
  std::exit(1);
}

Options read_options(int argc, char** argv) {
  if (argc < 5)
    fail(
        "usage: bench_load PORT PATH CLIENTS SECONDS [rate=N] [requests=N] [body=FILE] [patient=1] "
        "[numbers=N]");
  Options options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.path = argv[2];
  options.clients = static_cast<std::size_t>(std::atoi(argv[3]));
  options.seconds = std::atof(argv[4]);
  for (int i = 5; i < argc; ++i) {
    const std::string_view given = argv[i];
    const char* value = argv[i] + given.find('=') + 1;
    if (given.starts_with("rate=")) {
      options.rate = std::atof(value);
    } else if (given.starts_with("requests=")) {
      options.requests = std::atol(value);
    } else if (given.starts_with("patient=")) {
      options.patient = std::atoi(value) != 0;
    } else if (given.starts_with("numbers=")) {
      options.numbers = std::atol(value);
    } else if (given.starts_with("body=")) {
      std::ifstream file(value);
      options.body.assign(std::istreambuf_iterator<char>(file), {});
    } else {
      fail("an option that nobody knows");
    }
  }
  return options;
}

std::string with_number(std::string text, long number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%09ld", number);
  if (const auto at = text.find("%ld"); at != text.npos) text.replace(at, 3, digits);
  return text;
}

// The seconds of Retry-After; 0: it says nothing of the kind.
long retry_after(std::string_view answer) {
  constexpr std::string_view kField = "\r\nRetry-After: ";
  const auto at = answer.find(kField);
  return at == answer.npos ? 0 : std::atol(answer.data() + at + kField.size());
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail(std::strerror(errno));
  return fd;
}

struct Client {
  int fd = -1;
  std::string received;
  Clock::time_point planned;  // when its request was to leave
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)), clients_(options_.clients) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      clients_[i].fd = connect_to(options_.port);
      epoll_event wanted{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_[i].fd, &wanted);
      free_.push_back(i);
    }
  }

  void run() {
    last_ = begin_ = Clock::now();
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(Seconds(options_.seconds));
    while (send_what_is_due() || free_.size() + resting_.size() < clients_.size()) receive();
  }
  void print();

 private:
  Clock::time_point planned(long number) const {
    if (options_.rate <= 0) return Clock::now();
    return begin_ +
           std::chrono::duration_cast<Clock::duration>(Seconds(static_cast<double>(number) / options_.rate));
  }
  // False when nothing more is to be sent; what was planned and found no free client by the end is left out.
  bool send_what_is_due() {
    while (!resting_.empty() && resting_.begin()->first <= Clock::now()) {
      free_.push_back(resting_.begin()->second);
      resting_.erase(resting_.begin());
    }
    while (true) {
      const auto next = planned(sent_);
      if (next >= end_ || Clock::now() >= end_) return false;
      if (options_.requests > 0 && sent_ >= options_.requests) return false;
      if (free_.empty() || next > Clock::now()) return true;
      send(clients_[free_.back()], next);
      free_.pop_back();
    }
  }
  void send(Client& client, Clock::time_point planned) {
    const long number = options_.numbers > 0 ? sent_ % options_.numbers : first_number_ + sent_;
    ++sent_;
    const std::string body = with_number(options_.body, number);
    const std::string text = "POST " + with_number(options_.path, number) +
                             " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                             "Content-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body;
    client.planned = planned;
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t size = write(client.fd, text.data() + done, text.size() - done);
      if (size <= 0) fail("the server closed a connection");
      done += static_cast<std::size_t>(size);
    }
  }
  // Waits for answers, at most until the next request is due or the next client has rested.
  void receive() {
    timespec wait{60, 0};
    if (!resting_.empty() || (options_.rate > 0 && !free_.empty())) {
      const auto due = resting_.empty() ? planned(sent_) : resting_.begin()->first;
      const auto until = std::max(Clock::duration::zero(), due - Clock::now());
      wait = {0, std::min<long>(until.count(), 100'000'000)};
    }
    std::array<epoll_event, 256> events;
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
    if (count == 0 && wait.tv_sec > 0) fail("no answer for a minute");
    for (int i = 0; i < count; ++i) read_from(events[static_cast<std::size_t>(i)].data.u64);
  }
  void read_from(std::size_t index) {
    static std::array<char, 65536> buffer;
    Client& client = clients_[index];
    const ssize_t size = read(client.fd, buffer.data(), buffer.size());
    if (size <= 0) fail("the server closed a connection");
    client.received.append(buffer.data(), static_cast<std::size_t>(size));
    const auto whole = skald::bench::message_size(client.received);
    if (!whole) return;
    last_ = Clock::now();
    const int status = std::atoi(client.received.c_str() + 9);
    ++statuses_[status];
    if (status < 300)
      latencies_.push_back(std::chrono::duration<float, std::milli>(last_ - client.planned).count());
    const long rest = retry_after(std::string_view(client.received).substr(0, *whole));
    told_when_ += rest > 0;
    client.received.erase(0, *whole);
    if (rest > 0 && options_.patient)
      resting_.emplace(last_ + std::chrono::seconds(rest), index);
    else
      free_.push_back(index);
  }
  double mean() const {
    if (latencies_.empty()) return 0;
    return std::accumulate(latencies_.begin(), latencies_.end(), 0.0) /
           static_cast<double>(latencies_.size());
  }
  double percentile(double share) const {
    if (latencies_.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(latencies_.size()));
    return latencies_[std::min(latencies_.size() - 1, at)];
  }

  const Options options_;
  const int epoll_ = epoll_create1(0);
  const long first_number_ = getpid() * 1'000'000L % 1'000'000'000L;
  std::vector<Client> clients_;
  std::vector<std::size_t> free_;                          // those without a request under way
  std::multimap<Clock::time_point, std::size_t> resting_;  // those that were asked to wait, until when
  Clock::time_point begin_, end_, last_;
  long sent_ = 0;
  std::vector<float> latencies_;  // milliseconds
  std::map<int, long> statuses_;
  long told_when_ = 0;  // refusals with Retry-After
};

void Load::print() {
  std::sort(latencies_.begin(), latencies_.end());
  std::printf(
      R"({"requests":%ld,"accepted":%zu,"retry_after":%ld,"seconds":%.3f,"mean_ms":%.3f,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"statuses":{)",
      sent_, latencies_.size(), told_when_, Seconds(last_ - begin_).count(), mean(), percentile(0.5),
      percentile(0.95), percentile(0.99), percentile(1));
  const char* separator = "";
  for (const auto& [status, times] : statuses_) {
    std::printf(R"(%s"%d":%ld)", separator, status, times);
    separator = ",";
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Load load(read_options(argc, argv));
  load.run();
  load.print();
}
