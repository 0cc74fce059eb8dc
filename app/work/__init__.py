"""What happens in the background: the queue, jobs and their runs, letters, figures."""
