BT-LAB SETTING FILE

Number of linked techniques : 1

Filename : biologic.mps

Device : BCS-815
Ecell ctrl range : min = 0.00 V, max = 9.00 V
Electrode material : 
Initial state : 
Electrolyte : 
Comments : biologic
Mass of active material : 0.001 mg
 at x = 0.000
Molecular weight of active material (at x = 0) : 0.001 g/mol
Atomic weight of intercalated ion : 0.001 g/mol
Acquisition started at : xo = 0.000
Number of e- transfered per intercalated ion : 1
for DX = 1, DQ = 26.802 mA.h
Battery capacity : 5000.000 mA.h
Electrode surface area : 0.001 cm²
Characteristic mass : 0.001 g
Cycle Definition : Charge/Discharge alternance
Do not turn to OCV between techniques

Technique : 1
Modulo Bat
Ns                  0                   1                   
ctrl_type           Rest                Rest                
Apply I/C           I                   I                   
ctrl1_val                                                   
ctrl1_val_unit                                              
ctrl1_val_vs                                                
ctrl2_val                                                   
ctrl2_val_unit                                              
ctrl2_val_vs                                                
ctrl3_val                                                   
ctrl3_val_unit                                              
ctrl3_val_vs                                                
N                   1.00                1.00                
charge/discharge    Charge              Charge              
ctrl_seq            0                   0                   
ctrl_repeat         0                   0                   
ctrl_trigger        Falling Edge        Falling Edge        
ctrl_TO_t           0.000               0.000               
ctrl_TO_t_unit      d                   d                   
ctrl_Nd             6                   6                   
ctrl_Na             1                   1                   
ctrl_corr           1                   1                   
lim_nb              1                   1                   
lim1_type           Time                Time                
lim1_comp           >                   >                   
lim1_Q              Q limit             Q limit             
lim1_value          1.000               90.000              
lim1_value_unit     h                   s                   
lim1_action         Next sequence       Stop                
lim1_seq            1                   9999                
lim2_type           Time                Time                
lim2_comp           <                   <                   
lim2_Q              Q limit             Q limit             
lim2_value          0.000               0.000               
lim2_value_unit     s                   s                   
lim2_action         Next sequence       Next sequence       
lim2_seq            1                   2                   
lim3_type           Time                Time                
lim3_comp           <                   <                   
lim3_Q              Q limit             Q limit             
lim3_value          0.000               0.000               
lim3_value_unit     s                   s                   
lim3_action         Next sequence       Next sequence       
lim3_seq            1                   2                   
rec_nb              1                   1                   
rec1_type           Time                Time                
rec1_value          1.000               1.000               
rec1_value_unit     mn                  mn                  
rec2_type           Time                Time                
rec2_value          0.000               0.000               
rec2_value_unit     s                   s                   
rec3_type           Time                Time                
rec3_value          0.000               0.000               
rec3_value_unit     s                   s                   
E range min (V)     0.000               0.000               
E range max (V)     9.000               9.000               
I Range             10 mA               10 mA               
I Range min         Unset               Unset               
I Range max         Unset               Unset               
I Range init        Unset               Unset               
auto rest           0                   0                   
Bandwidth           4                   4                   
