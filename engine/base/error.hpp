// Result<T>: a value, or the failure we expected. An Error says what was tried and why it failed, in a
// sentence a user can act on; its kind decides the HTTP status and the exit code at the edges.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <utility>

namespace skald {

enum class ErrorKind {
  Invalid,      // what was given does not fit; nothing was done
  NotFound,     // there is no such thing
  NotAllowed,   // the caller may not
  Conflict,     // it does not fit the state of things, and why is said
  Unavailable,  // try again later: the whole is full, or the database is away
  Unexpected,   // a failure nobody planned for
  LimitReached  // this one thing takes no more for now; others do
};

struct Error {
  ErrorKind kind = ErrorKind::Unexpected;
  std::string message;
  bool operator==(const Error&) const = default;
};

// Found by argument-dependent look-up when value() is called on a failure.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

inline Error invalid(std::string message) {
  return {ErrorKind::Invalid, std::move(message)};
}
inline Error not_found(std::string message) {
  return {ErrorKind::NotFound, std::move(message)};
}
inline Error conflict(std::string message) {
  return {ErrorKind::Conflict, std::move(message)};
}
inline Error limit_reached(std::string message) {
  return {ErrorKind::LimitReached, std::move(message)};
}
inline Error unavailable(std::string message) {
  return {ErrorKind::Unavailable, std::move(message)};
}
inline Error unexpected(std::string message) {
  return {ErrorKind::Unexpected, std::move(message)};
}

}  // namespace skald
