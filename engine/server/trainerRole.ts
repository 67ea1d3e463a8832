/** The first argument of the process that trains, which the run's supervisor starts. */
export const TRAINER_ROLE = 'train';
