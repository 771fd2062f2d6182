/* SPDX-License-Identifier: BSD-2-Clause
 *
 * HINT numbers by which the benchmark image talks to the plugin: no operation on any CPU.
 */
#ifndef TESTS_BENCH_MARKS_H
#define TESTS_BENCH_MARKS_H

#define MARK_ON 0x60        /* what is measured begins */
#define MARK_OFF 0x61       /* and ends */
#define MARK_DROP 0x62      /* what was counted so far does not count */
#define MARK_ROW 0x63       /* the row is complete */
#define MARK_FIRST MARK_ON
#define MARK_LAST MARK_ROW

#endif
