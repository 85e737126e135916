/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Time programs side by side: bench TITLE HOT COLD < script
 * The script names candidates, each with the commands of one round:
 *     @ label
 *     program argument id-%        (% becomes the number of the round)
 *     - program argument           (a line with "-" runs in the round, but is not timed)
 * Every round runs each candidate once, in turn, so that drift hits all alike: HOT rounds
 * back to back, then COLD rounds with 200 ms of quiet before each candidate.  Prints medians,
 * ratios to the first candidate and to "crun", and the peak memory of the largest process.
 * It is static and small because the kernel counts the spawner's memory as the child's.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CANDIDATES 8
#define MAX_COMMANDS 8
#define MAX_WORDS 32
#define MAX_ROUNDS 2000
#define COLD_PAUSE_NS 200000000

struct command {
	bool is_timed;
	char line[1024];
};

struct candidate {
	char label[32];
	struct command commands[MAX_COMMANDS];
	int n_commands;
	double hot, cold; /* medians, in microseconds */
	long peak;	  /* KiB */
	int failed;
};

struct bench {
	struct candidate candidates[MAX_CANDIDATES];
	int n;
	int round; /* never repeated */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void pause_before_cold(void)
{
	struct timespec t = { 0, COLD_PAUSE_NS };

	nanosleep(&t, NULL);
}

static void add_line(struct bench *bench, char *line)
{
	struct candidate *candidate;
	bool is_timed = line[0] != '-';

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '@' && bench->n < MAX_CANDIDATES) {
		snprintf(bench->candidates[bench->n++].label, 32, "%.31s", line + 2);
		return;
	}
	if (line[0] == '\0' || bench->n == 0)
		return;
	candidate = &bench->candidates[bench->n - 1];
	if (candidate->n_commands == MAX_COMMANDS)
		return;
	snprintf(candidate->commands[candidate->n_commands].line, 1024, "%.1023s",
		 is_timed ? line : line + 2);
	candidate->commands[candidate->n_commands++].is_timed = is_timed;
}

/* Split in place; "%" inside a word becomes the round's number. */
static int split(char *line, int round, char *words[MAX_WORDS + 1], char *buffer, size_t room)
{
	int n = 0;

	for (char *word = strtok(line, " "); word && n < MAX_WORDS; word = strtok(NULL, " ")) {
		char *mark = strchr(word, '%');
		int used;

		words[n++] = word;
		if (!mark)
			continue;
		used = snprintf(buffer, room, "%.*s%d%s", (int)(mark - word), word, round,
				mark + 1);
		words[n - 1] = buffer;
		buffer += used + 1;
		room -= (size_t)used + 1;
	}
	words[n] = NULL;
	return n;
}

/* Run one command to its end; its time in microseconds, or -1 if it failed. */
static double run_command(const struct command *command, int round, long *peak)
{
	extern char **environ;
	char line[1024], buffer[1024];
	char *words[MAX_WORDS + 1];
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double start;
	int status;
	pid_t pid;

	snprintf(line, sizeof(line), "%s", command->line);
	split(line, round, words, buffer, sizeof(buffer));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, 0, 1);
	start = now();
	errno = posix_spawn(&pid, words[0], &actions, NULL, words, environ);
	if (errno) {
		perror(words[0]);
		exit(1);
	}
	while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	start = now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (command->is_timed && usage.ru_maxrss > *peak)
		*peak = usage.ru_maxrss;
	return status == 0 ? start : -1;
}

static double run_candidate(struct candidate *candidate, int round)
{
	double total = 0;

	for (int i = 0; i < candidate->n_commands; i++) {
		double t = run_command(&candidate->commands[i], round, &candidate->peak);

		if (t < 0 && candidate->commands[i].is_timed)
			candidate->failed++;
		if (candidate->commands[i].is_timed)
			total += t;
	}
	return total;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void run_rounds(struct bench *bench, int rounds, bool is_cold)
{
	static double times[MAX_CANDIDATES][MAX_ROUNDS];

	for (int i = 0; i < rounds; i++, bench->round++)
		for (int c = 0; c < bench->n; c++) {
			int turn = (c + i) % bench->n;

			if (is_cold)
				pause_before_cold();
			times[turn][i] = run_candidate(&bench->candidates[turn], bench->round);
		}
	for (int c = 0; c < bench->n; c++) {
		double *median = is_cold ? &bench->candidates[c].cold : &bench->candidates[c].hot;

		qsort(times[c], (size_t)rounds, sizeof(double), by_value);
		*median = rounds ? times[c][rounds / 2] : 0;
	}
}

static void print_ratio(double value, double base)
{
	if (base > 0)
		printf(" %7.2f", value / base);
	else
		printf(" %7s", "-");
}

static void print_table(const struct bench *bench, const char *title)
{
	const struct candidate *first = &bench->candidates[0], *crun = NULL;

	for (int c = 0; c < bench->n; c++)
		if (!strcmp(bench->candidates[c].label, "crun"))
			crun = &bench->candidates[c];
	printf("\n%-26s %8s %7s %7s %9s %7s %7s %8s\n", title, "hot ms", "/first", "/crun",
	       "cold ms", "/first", "/crun", "peak MB");
	for (int c = 0; c < bench->n; c++) {
		const struct candidate *row = &bench->candidates[c];

		printf("%-26s %8.2f", row->label, row->hot / 1e3);
		print_ratio(row->hot, first->hot);
		print_ratio(row->hot, crun ? crun->hot : 0);
		printf(" %9.2f", row->cold / 1e3);
		print_ratio(row->cold, first->cold);
		print_ratio(row->cold, crun ? crun->cold : 0);
		printf(" %8.2f", (double)row->peak / 1024);
		if (row->failed)
			printf("   %d commands failed", row->failed);
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	static struct bench bench;
	char line[1024];
	int hot = argc > 2 ? atoi(argv[2]) : 0;
	int cold = argc > 3 ? atoi(argv[3]) : 0;

	if (argc != 4 || hot > MAX_ROUNDS || cold > MAX_ROUNDS) {
		fprintf(stderr, "usage: bench TITLE HOT COLD < script\n");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin))
		add_line(&bench, line);
	if (bench.n == 0)
		return 2;
	run_rounds(&bench, 2, false); /* warm */
	for (int c = 0; c < bench.n; c++)
		bench.candidates[c].failed = 0;
	run_rounds(&bench, hot, false);
	run_rounds(&bench, cold, true);
	print_table(&bench, argv[1]);
	return 0;
}
