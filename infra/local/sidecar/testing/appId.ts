/** The app id of all tests. */
export const APP_ID = 'evolution-todo';
