/** Style sheets are imported for their effect: the bundler gathers them into one file per view. */
declare module '*.css';
