"""What Linux says of processes in ``/proc``, read as cheaply as it can be."""
