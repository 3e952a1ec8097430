#pragma once

#include <atomic>

#include <libpq-fe.h>

#include "berth/error.h"

// libpq brings some thirty libraries (Kerberos, LDAP, GnuTLS ..) whose loading is most of a start that opens no
// session. So it is loaded when the first session is. Each name here stands before libpq's own in this namespace; one
// that is called and not listed does not link.
namespace berth::session {

// To be called before any function below. Errors: kInternal with the loader's words.
Status LoadLibpq();

using PqAddress = void (*)();
PqAddress FindInLibpq(const char* name);  // in it and in what it brought; it is loaded

template <class Function>
class LazyFunction;
template <class R, class... A>
class LazyFunction<R (*)(A...)> {
 public:
  constexpr explicit LazyFunction(const char* name) : name_(name) {}
  R operator()(A... arguments) const {
    auto function = function_.load(std::memory_order_relaxed);
    if (function == nullptr) {
      function = reinterpret_cast<R (*)(A...)>(FindInLibpq(name_));
      function_.store(function, std::memory_order_relaxed);
    }
    return function(arguments...);
  }

 private:
  const char* name_;
  mutable std::atomic<R (*)(A...)> function_{nullptr};
};

// NOLINTBEGIN(readability-identifier-naming): libpq's names
#define BERTH_PQ(name) inline constinit const LazyFunction<decltype(&::name)> name{#name};
BERTH_PQ(PQconnectStartParams)
BERTH_PQ(PQbackendPID)
BERTH_PQ(PQcancel)
BERTH_PQ(PQclear)
BERTH_PQ(PQcmdStatus)
BERTH_PQ(PQcmdTuples)
BERTH_PQ(PQconnectPoll)
BERTH_PQ(PQconsumeInput)
BERTH_PQ(PQencryptPasswordConn)
BERTH_PQ(PQerrorMessage)
BERTH_PQ(PQfinish)
BERTH_PQ(PQflush)
BERTH_PQ(PQfmod)
BERTH_PQ(PQfname)
BERTH_PQ(PQfreemem)
BERTH_PQ(PQftable)
BERTH_PQ(PQftablecol)
BERTH_PQ(PQftype)
BERTH_PQ(PQgetCopyData)
BERTH_PQ(PQgetResult)
BERTH_PQ(PQsendPrepare)
BERTH_PQ(PQsendQueryPrepared)
BERTH_PQ(PQgetisnull)
BERTH_PQ(PQgetlength)
BERTH_PQ(PQgetvalue)
BERTH_PQ(PQisBusy)
BERTH_PQ(PQnfields)
BERTH_PQ(PQnotifies)
BERTH_PQ(PQparameterStatus)
BERTH_PQ(PQputCopyData)
BERTH_PQ(PQputCopyEnd)
BERTH_PQ(PQresultErrorField)
BERTH_PQ(PQresultErrorMessage)
BERTH_PQ(PQresultStatus)
BERTH_PQ(PQsendQuery)
BERTH_PQ(PQsendQueryParams)
BERTH_PQ(PQserverVersion)
BERTH_PQ(PQsetErrorVerbosity)
BERTH_PQ(PQsetNoticeReceiver)
BERTH_PQ(PQsetSingleRowMode)
BERTH_PQ(PQsetTraceFlags)
BERTH_PQ(PQsetnonblocking)
BERTH_PQ(PQsocket)
BERTH_PQ(PQsslAttribute)
BERTH_PQ(PQsslInUse)
BERTH_PQ(PQsslStruct)
BERTH_PQ(PQstatus)
BERTH_PQ(PQtrace)
BERTH_PQ(PQtransactionStatus)
BERTH_PQ(PQuntrace)
#undef BERTH_PQ
// NOLINTEND(readability-identifier-naming)

}  // namespace berth::session
