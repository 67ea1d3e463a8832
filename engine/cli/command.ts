/** How a command enters the command line: it describes itself, and its work is loaded when it runs. */
import type { Command } from 'commander';
import type { Execution } from './execution.ts';

/** Runs the command's work, which gives the exit code. */
export type RunCommand = (command: Command, work: (execution: Execution) => Promise<number>) => Promise<void>;

export type AddCommand = (program: Command, run: RunCommand) => void;
