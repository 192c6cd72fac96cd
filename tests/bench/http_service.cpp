// The services of the benchmark: one small keep-alive epoll server that answers every POST at once with about
// a hundred bytes of JSON. usage: bench_service PORT [refuse-half|hang]: with refuse-half, every other enroll
// gets a 422; with hang, nothing is ever answered. A GET is answered with the number of POSTs so far.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <unordered_map>

#include "tests/bench/http_framing.hpp"

namespace {

const std::string kDone =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 98\r\n\r\n"
    R"({"id":"0198c1f2-7a5b-7c3d-9e1f-2a3b4c5d6e7f","status":"accepted","detail":"benchmark answer 1234"})";
const std::string kRefused =
    "HTTP/1.1 422 Unprocessable Entity\r\nContent-Type: application/problem+json\r\nContent-Length: "
    "68\r\n\r\n"
    R"({"type":"not-enrolled","title":"No place is left","status":422     })";

enum class Mode { Answer, RefuseHalf, Hang };

Mode mode_of(std::string_view word) {
  if (word == "refuse-half") return Mode::RefuseHalf;
  return word == "hang" ? Mode::Hang : Mode::Answer;
}

class Service {
 public:
  explicit Service(Mode mode) : mode_(mode) {}

  // Null: it is never answered.
  const std::string* answer_to(std::string_view request) {
    if (request.starts_with("GET ")) return &counted();
    ++posts_;
    if (mode_ == Mode::Hang) return nullptr;
    return mode_ == Mode::RefuseHalf && is_enroll(request) && enrolls_++ % 2 == 0 ? &kRefused : &kDone;
  }

 private:
  static bool is_enroll(std::string_view request) {
    return request.substr(0, request.find(" HTTP/")).ends_with("/enroll");
  }
  const std::string& counted() {
    const std::string number = std::to_string(posts_);
    return count_ =
               "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(number.size()) + "\r\n\r\n" + number;
  }

  const Mode mode_;
  unsigned long enrolls_ = 0, posts_ = 0;
  std::string count_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: bench_service PORT [refuse-half|hang]\n"), 2;
  Service service(mode_of(argc > 2 ? argv[2] : ""));
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1024) != 0)
    return std::perror("bench_service"), 1;

  const int epoll = epoll_create1(0);
  epoll_event wanted{.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wanted);
  std::unordered_map<int, std::string> received;
  std::array<epoll_event, 256> events;
  std::array<char, 65536> buffer;
  while (true) {
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (client < 0) continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event read{.events = EPOLLIN, .data = {.fd = client}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, client, &read);
        continue;
      }
      const ssize_t size = read(fd, buffer.data(), buffer.size());
      if (size <= 0) {
        received.erase(fd);
        close(fd);
        continue;
      }
      std::string& bytes = received[fd];
      bytes.append(buffer.data(), static_cast<std::size_t>(size));
      while (const auto whole = skald::bench::message_size(bytes)) {
        const std::string* answer = service.answer_to(bytes);
        // An answer is far smaller than the socket's buffer: a short write does not happen here.
        if (answer && write(fd, answer->data(), answer->size()) < 0) break;
        bytes.erase(0, *whole);
      }
    }
  }
}
