// Within `snnc_fifo`: it never loses, repeats or reorders an entry, and its flags are right. One entry is followed, any
// that is pushed: `ahead` says how many are before it. Whoever pushes sees to it that there is room.
    localparam DEPTH = 1 << DEPTH_BITS;  // and one more in the register

    (* anyseq *) reg choose;
    reg followed, begun;
    reg [WIDTH-1:0] entry;
    reg [DEPTH_BITS:0] ahead, count;
    initial followed = 1'b0;
    initial begun = 1'b0;

    wire [DEPTH_BITS:0] waiting_entries = tail - head;
    wire pushed = i_push && choose && !followed;
    wire [DEPTH_BITS-1:0] place = head[DEPTH_BITS-1:0] + ahead[DEPTH_BITS-1:0] - 1'b1;

    always @* begin
        assume (begun || i_reset);
        if (begun) begin
            assume (!(i_push && o_full && !i_pop));
            assume (!(i_pop && !o_valid));
        end
    end
    always @(posedge i_clk) begin
        begun <= 1'b1;
        count <= count + i_push - i_pop;
        if (pushed) begin
            followed <= 1'b1;
            entry    <= i_value;
            ahead    <= count - i_pop;
        end else if (followed && i_pop) begin
            ahead <= ahead - 1'b1;
            if (ahead == 0) followed <= 1'b0;
        end
        if (i_reset) begin
            count    <= 0;
            followed <= 1'b0;
        end
        if (begun) begin
            assert (o_valid == (count != 0));
            assert (o_full == (count == DEPTH + 1));
            if (followed && ahead == 0) assert (o_value == entry);
            // From here on what the induction needs.
            assert (count <= DEPTH + 1);
            assert (waiting_entries <= DEPTH);
            assert (count == waiting_entries + o_valid);
            if (waiting) assert (o_valid);
            if (followed) assert (ahead < count);
            if (followed && ahead != 0) assert (memory[place] == entry);
        end
    end
