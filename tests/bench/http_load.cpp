// The client of the benchmark: N keep-alive connections, each sends its next POST when the last is answered
// (closed loop). usage: bench_load PORT PATH CLIENTS SECONDS. `PATH` may hold one %ld, a running number.
// Prints one JSON line: requests, seconds, statuses, latency percentiles in milliseconds.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/http_framing.hpp"

namespace {

using Clock = std::chrono::steady_clock;

struct Client {
  int fd = -1;
  std::string received;
  Clock::time_point sent_at;
};

std::string request_text(const std::string& path, long number) {
  char target[256], body[256], text[1024];
  std::snprintf(target, sizeof target, path.c_str(), number);
  const int size = std::snprintf(
      body, sizeof body,
      R"({"applicantId":"applicant-%09ld","name":"Ada Lovelace","age":36,"skill":"analytical engines","job":"mathematician","note":"about two hundred bytes of JSON leave with every request, as the work says %05ld"})",
      number, number % 100000);
  const int whole = std::snprintf(text, sizeof text,
                                  "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                  "Content-Length: %d\r\n\r\n%s",
                                  target, size, body);
  return {text, static_cast<std::size_t>(whole)};
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  std::perror("bench_load: connect");
  std::exit(1);
}

double percentile(const std::vector<float>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: bench_load PORT PATH CLIENTS SECONDS\n"), 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const std::string path = argv[2];
  std::vector<Client> clients(static_cast<std::size_t>(std::atoi(argv[3])));
  const double seconds = std::atof(argv[4]);

  long number = getpid() * 1'000'000L % 1'000'000'000L;
  const int epoll = epoll_create1(0);
  const auto send_next = [&](Client& client) {
    const std::string text = request_text(path, ++number);
    client.sent_at = Clock::now();
    if (write(client.fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::exit(1);
  };
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].fd = connect_to(port);
    epoll_event wanted{.events = EPOLLIN, .data = {.u64 = i}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &wanted);
  }
  const auto begin = Clock::now();
  const auto end =
      begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (Client& client : clients) send_next(client);

  std::vector<float> latencies;
  std::map<int, long> statuses;
  std::array<epoll_event, 256> events;
  std::array<char, 65536> buffer;
  std::size_t open = clients.size();
  auto last = begin;
  while (open > 0) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 30'000);
    if (count <= 0) return std::fprintf(stderr, "bench_load: no answer for 30 s\n"), 1;
    for (int i = 0; i < count; ++i) {
      Client& client = clients[events[static_cast<std::size_t>(i)].data.u64];
      const ssize_t size = read(client.fd, buffer.data(), buffer.size());
      if (size <= 0) return std::fprintf(stderr, "bench_load: the server closed a connection\n"), 1;
      client.received.append(buffer.data(), static_cast<std::size_t>(size));
      const auto whole = skald::bench::message_size(client.received);
      if (!whole) continue;
      last = Clock::now();
      latencies.push_back(std::chrono::duration<float, std::milli>(last - client.sent_at).count());
      ++statuses[std::atoi(client.received.c_str() + 9)];
      client.received.erase(0, *whole);
      if (last < end) {
        send_next(client);
      } else {
        close(client.fd);
        --open;
      }
    }
  }
  std::sort(latencies.begin(), latencies.end());
  std::printf(
      R"({"requests":%zu,"seconds":%.3f,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"statuses":{)",
      latencies.size(), std::chrono::duration<double>(last - begin).count(), percentile(latencies, 0.5),
      percentile(latencies, 0.95), percentile(latencies, 0.99), percentile(latencies, 1));
  const char* separator = "";
  for (const auto& [status, times] : statuses) {
    std::printf(R"(%s"%d":%ld)", separator, status, times);
    separator = ",";
  }
  std::printf("}}\n");
}
