"""What Seawall costs in time and memory, how that grows, and how it compares with a peer.

``make bench`` or ``python -m benchmarks`` runs it all and prints a table. Whole processes are measured, as a person
meets them: wall and processor time and the peak of resident memory, as the kernel accounts for a child that ended.
Figures are medians of several runs after one that does not count; a comparison runs the two in turn and gives the
median of the ratios, so that a machine that slows down half-way does not decide it.
"""
