/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libpurlin, all of it: what the purlin tool is made of, for other programs. Compile with
 * `pkg-config --static --cflags --libs purlin`.
 *
 *     #include <dom0/libpurlin.h>
 *
 *     struct config_source source = {.path = "/etc/purlin/web.cfg", .warn = print_warning};
 *     struct purlin session;
 *     struct config config;
 *     struct error err = {0};
 *     uint32_t domid;
 *
 *     if (config_load(&config, &source, &err) || purlin_open(&session, &err) ||
 *         launch_domain(&session, &config, &(struct launch_options){0}, &domid, &err))
 *         fprintf(stderr, "%s\n", err.text);
 *
 * Every function that can fail returns 0 or a negative errno and fills the struct error: a kind,
 * which is an exit code of purlin(1), and one line of text. A session belongs to one thread.
 * launch_domain() leaves a supervisor process behind, as purlin create does. A child that is forked
 * while a domain is made or destroyed, and lives on, closes the descriptors that it inherited: they
 * say that somebody is still at it.
 *
 * | header         | what for                                                     |
 * |----------------|--------------------------------------------------------------|
 * | purlin.h       | sessions: the connections to the hypervisor and to xenstored |
 * | error.h        | what went wrong                                              |
 * | config.h       | reading and checking configurations                          |
 * | config_text.h  | writing them                                                 |
 * | launch.h       | from a configuration to a running domain                     |
 * | domain.h       | listing, finding, pausing, destroying domains                |
 * | alive.h        | refusing to change a domain that is being destroyed          |
 * | domain_text.h  | states and reasons in words                                  |
 * | control.h      | asking domains to power off or reboot; waiting for their end |
 * | rename.h       | another name                                                 |
 * | record.h       | a running domain's configuration                             |
 * | core_dump.h    | memory and registers in a file                               |
 * | console.h      | this terminal as a domain's console                          |
 * | vcpu.h         | vCPUs: where they run, and where they may                    |
 * | tune.h         | vCPUs, memory and CPU share of a running domain              |
 * | devices.h      | its disks and network interfaces                             |
 * | plug.h         | adding and removing them                                     |
 * | live.h         | the configuration of a running domain, as it is now          |
 * | sample.h       | all that is counted, at one moment                           |
 * | rates.h        | what happened between two such moments                       |
 * | pace.h         | when a guest that crashes is not restarted any more          |
 * | metrics.h      | a sample for Prometheus                                      |
 * | interrupt.h    | Ctrl-C that long operations can ask for                      |
 */
#ifndef DOM0_LIBPURLIN_H
#define DOM0_LIBPURLIN_H

#include "dom0/alive.h"
#include "dom0/config.h"
#include "dom0/config_text.h"
#include "dom0/console.h"
#include "dom0/control.h"
#include "dom0/core_dump.h"
#include "dom0/devices.h"
#include "dom0/domain.h"
#include "dom0/domain_text.h"
#include "dom0/error.h"
#include "dom0/interrupt.h"
#include "dom0/launch.h"
#include "dom0/live.h"
#include "dom0/metrics.h"
#include "dom0/plug.h"
#include "dom0/purlin.h"
#include "dom0/pace.h"
#include "dom0/rates.h"
#include "dom0/record.h"
#include "dom0/rename.h"
#include "dom0/sample.h"
#include "dom0/tune.h"
#include "dom0/vcpu.h"

#endif
